package dev.skerry.sentry.loader;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The first line of a script: what to run it with. Linux: load_script() of fs/binfmt_script.c.
 *
 * @param argument the rest of the line, which is one argument, or null
 */
record ScriptLine(String interpreter, byte @Nullable [] argument) {
  /** BINPRM_BUF_SIZE: of a longer line nothing more is seen. */
  private static final int MOST = 256;

  static boolean isScript(byte[] head) {
    return head[0] == '#' && head[1] == '!';
  }

  /**
   * @throws ErrnoException ENOEXEC if the line names no interpreter, or only a part of its name can
   *     be seen
   */
  static ScriptLine parse(byte[] head) throws ErrnoException {
    int last = MOST - 1;
    int end = 2;
    while (end < MOST && head[end] != '\n' && head[end] != 0) {
      end++;
    }
    boolean cut = end == MOST || head[end] != '\n';
    if (cut) {
      int first = nextNonBlank(head, 2, last);
      if (first == last || nextTerminator(head, first, last) < 0) {
        throw ErrnoException.of(Errno.ENOEXEC);
      }
      end = last;
    }
    while (isBlank(head[end - 1])) {
      end--;
    }
    int name = nextNonBlank(head, 2, end);
    if (name >= end) {
      throw ErrnoException.of(Errno.ENOEXEC);
    }
    int separator = nextTerminator(head, name, end);
    int nameEnd = separator < 0 ? end : separator;
    byte[] argument = null;
    if (separator >= 0 && head[separator] != 0) {
      int from = nextNonBlank(head, separator, end);
      int to = from;
      while (to < end && head[to] != 0) {
        to++;
      }
      argument = from < end ? Arrays.copyOfRange(head, from, to) : null;
    }
    return new ScriptLine(
        new String(head, name, nameEnd - name, StandardCharsets.ISO_8859_1), argument);
  }

  private static boolean isBlank(byte value) {
    return value == ' ' || value == '\t';
  }

  private static int nextNonBlank(byte[] head, int from, int end) {
    int at = from;
    while (at < end && isBlank(head[at])) {
      at++;
    }
    return at;
  }

  /** The first blank or NUL before {@code end}, or -1. */
  private static int nextTerminator(byte[] head, int from, int end) {
    for (int at = from; at < end; at++) {
      if (isBlank(head[at]) || head[at] == 0) {
        return at;
      }
    }
    return -1;
  }
}
