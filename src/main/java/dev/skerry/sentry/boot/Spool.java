package dev.skerry.sentry.boot;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.skerry.abi.Errno;
import dev.skerry.control.ExitRecord;
import dev.skerry.control.SpoolFrame;
import dev.skerry.control.Verdict;
import dev.skerry.hostos.Host;
import dev.skerry.sentry.kernel.Clock;
import dev.skerry.sentry.usermem.OutputSink;

/** Writes the spool: each frame with one host call, visible at once. Its monitor guards all. */
final class Spool {
  /** Told, from the run queue, that the program must end. */
  @FunctionalInterface
  interface Trouble {
    void end(Verdict verdict, String reason);
  }

  /** Grows to the longest frame so far: many a program writes little or nothing. */
  private static final int FIRST_FRAME = 1024;

  private final int fd;
  private final Clock clock;
  private byte[] frame = new byte[FIRST_FRAME];
  private long sequence;
  private long limit = Long.MAX_VALUE;
  private long most = Long.MAX_VALUE;

  /** Bytes of output, and of the spool with its frames. */
  private long written;

  private long spent;
  private boolean closed;
  private Trouble trouble = (verdict, reason) -> {};

  Spool(int fd, Clock clock) {
    this.fd = fd;
    this.clock = clock;
  }

  /**
   * @param bytes of both streams together; 0 for no limit
   */
  synchronized void setLimit(long bytes, Trouble listener) {
    limit = bytes == 0 ? Long.MAX_VALUE : bytes;
    most = SpoolFrame.mostBytes(bytes);
    trouble = listener;
  }

  /** Where a stream's output goes. */
  OutputSink sink(int stream) {
    return new OutputSink() {
      @Override
      public boolean isReady() {
        return true;
      }

      @Override
      public long write(byte[] source, int offset, int length) {
        return append(stream, source, offset, length);
      }
    };
  }

  private synchronized long append(int stream, byte[] source, int offset, int length) {
    if (closed) {
      return -Errno.EIO;
    }
    int fits = (int) Math.min(length, limit - written);
    if (fits > 0) {
      if (frame.length < SpoolFrame.HEADER + fits) {
        frame = new byte[Math.max(SpoolFrame.HEADER + fits, 2 * frame.length)];
      }
      System.arraycopy(source, offset, frame, SpoolFrame.HEADER, fits);
      SpoolFrame.putHeader(frame, fits, stream, ++sequence, clock.realtime());
      if (!writeAll(frame, SpoolFrame.HEADER + fits)) {
        return -Errno.EIO;
      }
      written += fits;
      spent += SpoolFrame.HEADER + fits;
    }
    if (fits < length) {
      tooMuch("more than " + limit + " bytes of output");
    } else if (spent > most) {
      tooMuch("so many small pieces of output that they take more than " + most + " bytes");
    }
    return length;
  }

  @GuardedBy("this")
  private void tooMuch(String what) {
    closed = true;
    trouble.end(Verdict.OUTPUT_LIMIT, what);
  }

  private boolean writeAll(byte[] bytes, int length) {
    int done = 0;
    while (done < length) {
      long n = Host.os().write(fd, bytes, done, length - done);
      if (n == -Errno.EINTR) {
        continue;
      }
      if (n < 0) {
        closed = true;
        boolean full = n == -Errno.ENOSPC || n == -Errno.EDQUOT;
        trouble.end(
            full ? Verdict.DISK_QUOTA : Verdict.INFRA_ERROR,
            "the spool cannot be written: " + Errno.name((int) -n));
        return false;
      }
      done += (int) n;
    }
    return true;
  }

  /** Writes the last frame. */
  synchronized void end(ExitRecord exit) {
    byte[] last = SpoolFrame.exit(++sequence, clock.realtime(), exit);
    trouble = (verdict, reason) -> System.err.println("exit record: " + reason);
    closed = true;
    writeAll(last, last.length);
  }
}
