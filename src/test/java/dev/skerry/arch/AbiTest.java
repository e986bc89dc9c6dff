package dev.skerry.arch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Signal;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.auth.Capability;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Constants agree with what the C compiler makes of the system's own headers. */
class AbiTest {
  private static final String HEADERS =
      """
      #define _GNU_SOURCE
      #include <errno.h>
      #include <signal.h>
      #include <stdio.h>
      #include <sys/syscall.h>
      #include <linux/capability.h>
      """;

  @TempDir Path directory;

  @Test
  void errorNumbers() throws Exception {
    compare(Errno.class, "", List.of());
  }

  /** SIGRTMIN is the kernel's; libc keeps the first two for itself. */
  @Test
  void signals() throws Exception {
    compare(Signal.class, "", List.of("SIGRTMIN", "MAX"));
  }

  @Test
  void systemCalls() throws Exception {
    compare(Syscall.class, "__NR_", List.of());
  }

  @Test
  void capabilities() throws Exception {
    compare(Capability.class, "CAP_", List.of());
  }

  /** Every public int whose name the headers know must have their value; most must be known. */
  private void compare(Class<?> type, String prefix, List<String> ours) throws Exception {
    Map<String, Integer> constants = new HashMap<>();
    for (Field field : type.getFields()) {
      if (field.getType() == int.class && !ours.contains(field.getName())) {
        constants.put(field.getName(), field.getInt(null));
      }
    }
    StringBuilder program = new StringBuilder(HEADERS).append("int main(void) {\n");
    for (String name : constants.keySet()) {
      String symbol =
          prefix.equals("__NR_") ? prefix + name.toLowerCase(Locale.ROOT) : prefix + name;
      boolean enumerated = name.startsWith("CLD_") || name.startsWith("SI_");
      program.append(enumerated ? "" : "#ifdef " + symbol + "\n");
      program.append("  printf(\"%s %ld\\n\", \"").append(name).append("\", (long)").append(symbol);
      program.append(");\n").append(enumerated ? "" : "#endif\n");
    }
    program.append("  return 0;\n}\n");
    List<String> lines = run(program.toString());
    for (String line : lines) {
      String[] words = line.split(" ");
      assertEquals(Integer.parseInt(words[1]), constants.get(words[0]), words[0]);
    }
    assertTrue(lines.size() >= constants.size() * 9 / 10, "the headers know " + lines.size());
  }

  private List<String> run(String source) throws IOException, InterruptedException {
    Path file = directory.resolve("values.c");
    Path program = directory.resolve("values");
    Files.writeString(file, source);
    Process compiler =
        new ProcessBuilder("gcc", "-w", "-o", program.toString(), file.toString())
            .redirectErrorStream(true)
            .start();
    String complaint = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, compiler.waitFor(), complaint);
    Process values = new ProcessBuilder(program.toString()).start();
    List<String> lines =
        new ArrayList<>(
            new String(values.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList());
    assertEquals(0, values.waitFor());
    return lines;
  }
}
