package dev.skerry.sentry.fs.proc;

import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.mm.MemoryManager;
import java.nio.charset.StandardCharsets;

/** A program's arguments and environment, as they are in its memory now. */
final class ArgumentText {
  private static final int MOST = 1 << 20;
  private static final int CHUNK = 4096;

  private ArgumentText() {}

  /**
   * The arguments. A program that has overwritten the last one's end shows all up to the next NUL,
   * into its environment (setproctitle(3)).
   */
  static String commandLine(Subject subject) {
    Task task = subject.live();
    if (task == null) {
      return "";
    }
    MemoryManager.Layout layout = task.mm().layout();
    String text = read(task, layout.argStart(), layout.argEnd());
    if (text.isEmpty() || text.charAt(text.length() - 1) == 0) {
      return text;
    }
    int end = text.indexOf(0);
    if (end >= 0) {
      return text.substring(0, end + 1);
    }
    String more = read(task, layout.argEnd(), layout.envEnd());
    int rest = more.indexOf(0);
    return text + (rest < 0 ? more : more.substring(0, rest + 1));
  }

  static String environment(Subject subject) {
    Task task = subject.live();
    if (task == null) {
      return "";
    }
    MemoryManager.Layout layout = task.mm().layout();
    return read(task, layout.envStart(), layout.envEnd());
  }

  /** Up to the first byte that cannot be read. */
  private static String read(Task task, long start, long end) {
    long length = Math.min(end - start, MOST);
    if (length <= 0) {
      return "";
    }
    byte[] bytes = new byte[(int) length];
    int done = 0;
    while (done < bytes.length) {
      int part = Math.min(CHUNK, bytes.length - done);
      int copied = task.memory().copyInPartly(start + done, bytes, done, part);
      if (copied <= 0) {
        break;
      }
      done += copied;
    }
    return new String(bytes, 0, done, StandardCharsets.ISO_8859_1);
  }
}
