package dev.skerry.sentry.kernel;

/**
 * What a thread, or a process with all that it has waited for, has read and written
 * (proc_pid_io(5)). Its monitor guards it. Linux: struct task_io_accounting.
 */
public final class IoCounters {
  /**
   * A state of the counters.
   *
   * @param readBytes that calls like read(2) brought
   * @param writtenBytes that calls like write(2) took
   * @param reads how many such calls there were, failed ones too
   * @param writes as {@code reads}
   */
  public record Counts(long readBytes, long writtenBytes, long reads, long writes) {}

  private long readBytes;
  private long writtenBytes;
  private long reads;
  private long writes;

  /** Counts one call of a task's, for its process, too; a result below zero is an error. */
  public static void count(Task task, boolean write, long result) {
    task.io().count(write, result);
    task.group().io().count(write, result);
  }

  private synchronized void count(boolean write, long result) {
    long moved = Math.max(result, 0);
    if (write) {
      writtenBytes += moved;
      writes++;
    } else {
      readBytes += moved;
      reads++;
    }
  }

  public synchronized Counts counts() {
    return new Counts(readBytes, writtenBytes, reads, writes);
  }

  /** Adds what a child that was waited for has read and written. */
  synchronized void add(Counts child) {
    readBytes += child.readBytes;
    writtenBytes += child.writtenBytes;
    reads += child.reads;
    writes += child.writes;
  }
}
