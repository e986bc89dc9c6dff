package dev.skerry.sentry.loader;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ScriptLineTest {
  private static final int HEAD = 1024;
  private static final int ROUNDS = 100_000;

  private static byte[] head(String text) {
    return Arrays.copyOf(text.getBytes(StandardCharsets.ISO_8859_1), HEAD);
  }

  private static ScriptLine parse(String text) throws ErrnoException {
    return ScriptLine.parse(head(text));
  }

  private static void check(String text, String interpreter, String argument)
      throws ErrnoException {
    ScriptLine line = parse(text);
    assertEquals(interpreter, line.interpreter());
    byte[] bytes = line.argument();
    assertEquals(argument, bytes == null ? "" : new String(bytes, StandardCharsets.ISO_8859_1));
  }

  private static void refused(String text) {
    ErrnoException e = assertThrows(ErrnoException.class, () -> parse(text), text);
    assertEquals(Errno.ENOEXEC, e.errno());
  }

  @Test
  void lines() throws ErrnoException {
    check("#!/bin/sh\necho", "/bin/sh", "");
    check("#! \t/bin/sh  -e  -x \t\n", "/bin/sh", "-e  -x");
    check("#!/usr/bin/env python3\n", "/usr/bin/env", "python3");
    check("#!/bin/sh", "/bin/sh", "");
    assertNull(parse("#!/bin/sh   \n").argument());
    // Nothing at all is a name, too; no file has it.
    check("#!", "", "");
  }

  @Test
  void noInterpreter() {
    refused("#!\n/bin/sh");
    refused("#!   \t \n");
    refused("#!" + " ".repeat(HEAD));
  }

  /** Of a long line the rest is not seen; a name that is cut is refused. */
  @Test
  void longLines() throws ErrnoException {
    refused("#!/" + "x".repeat(300) + "\n");
    ScriptLine line = parse("#!/bin/sh " + "y".repeat(400) + "\n");
    byte[] argument = line.argument();
    assertTrue(argument != null && argument.length == 255 - "#!/bin/sh ".length());
  }

  @Test
  void scripts() {
    assertTrue(ScriptLine.isScript(head("#!x")));
    assertFalse(ScriptLine.isScript(head("")));
    assertFalse(ScriptLine.isScript(head(" #!")));
  }

  @Test
  void anything() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    byte[] common = {' ', '\t', '\n', 0, '/', 'x'};
    for (int round = 0; round < ROUNDS; round++) {
      byte[] head = new byte[HEAD];
      head[0] = '#';
      head[1] = '!';
      int length = 2 + random.nextInt(300);
      for (int i = 2; i < length; i++) {
        head[i] =
            random.nextInt(8) == 0
                ? (byte) random.nextInt()
                : common[random.nextInt(common.length)];
      }
      try {
        ScriptLine line = ScriptLine.parse(head);
        assertTrue(line.interpreter().length() < 256, "seed " + seed);
        assertTrue(line.interpreter().indexOf(' ') < 0, "seed " + seed);
      } catch (ErrnoException e) {
        assertEquals(Errno.ENOEXEC, e.errno(), "seed " + seed);
      }
    }
  }
}
