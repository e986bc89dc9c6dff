package dev.skerry.sentry.loader;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.usermem.UserMemory;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Argument list and environment of an execve(2), bounded as Linux bounds them. */
public final class ExecArguments {
  /** The longest single string, with its NUL (include/uapi/linux/binfmts.h). */
  static final int MAX_ARG_STRLEN = 131072;

  private static final int POINTER = 8;

  /**
   * Three quarters of the default stack: no rlimit allows more (bprm_stack_limits of fs/exec.c).
   */
  private static final long MOST_BYTES = 6L << 20;

  /** ARG_MAX: every rlimit allows so much. */
  private static final long LEAST_LIMIT = 131072;

  /** What all programs that are about to begin may bring along, so that none fill the heap. */
  private static final long MOST_HELD = 64L << 20;

  private static final AtomicLong HELD = new AtomicLong();

  private final StringBlock argv;
  private final StringBlock envp;
  private final long limit;
  private long held;

  private ExecArguments(StringBlock argv, StringBlock envp, long limit) {
    this.argv = argv;
    this.envp = envp;
    this.limit = limit;
  }

  /** The arguments of a container's first program. */
  public static ExecArguments of(List<String> argv, List<String> envp, long stackLimit) {
    return new ExecArguments(StringBlock.of(argv), StringBlock.of(envp), limit(stackLimit));
  }

  /**
   * Copies the arguments of a call in.
   *
   * @param stackLimit RLIMIT_STACK, unsigned
   * @throws ErrnoException EFAULT, E2BIG
   */
  public static ExecArguments copyIn(
      UserMemory memory, long argvAddress, long envpAddress, long stackLimit)
      throws ErrnoException {
    long limit = limit(stackLimit);
    StringReader reader = new StringReader(memory, limit);
    StringBlock argv = reader.readAll(argvAddress);
    StringBlock envp = reader.readAll(envpAddress);
    if (argv.count() == 0) {
      // Since Linux 5.18 a program has at least an empty name.
      argv.add(new byte[0]);
    }
    return new ExecArguments(argv, envp, limit);
  }

  /** Counts what is kept until the program begins; returns whether there was room for it. */
  public boolean hold() {
    long bytes = (long) argv.size() + envp.size();
    if (HELD.addAndGet(bytes) > MOST_HELD) {
      HELD.addAndGet(-bytes);
      return false;
    }
    held = bytes;
    return true;
  }

  /** The program has begun, or never will. */
  void letGo() {
    HELD.addAndGet(-held);
    held = 0;
  }

  private static long limit(long stackLimit) {
    long quarter = stackLimit >>> 2;
    return Math.max(Math.min(MOST_BYTES, quarter), LEAST_LIMIT);
  }

  StringBlock argv() {
    return argv;
  }

  StringBlock envp() {
    return envp;
  }

  /**
   * Checks the whole against the limit.
   *
   * @param fileName which lies on the stack too
   * @throws ErrnoException E2BIG
   */
  void checkSize(String fileName) throws ErrnoException {
    long pointers = (long) POINTER * (argv.count() + envp.count());
    long strings = (long) argv.size() + envp.size() + fileName.length() + 1;
    if (pointers + strings > limit) {
      throw ErrnoException.of(Errno.E2BIG);
    }
  }

  /** Reads vectors of strings, with one host call for neighbours. */
  private static final class StringReader {
    private static final int CHUNK = 4096;

    private final UserMemory memory;
    private final byte[] chunk = new byte[CHUNK];
    private long room;
    private long chunkAddress;
    private int chunkLength;

    StringReader(UserMemory memory, long limit) {
      this.memory = memory;
      this.room = limit;
    }

    StringBlock readAll(long vector) throws ErrnoException {
      StringBlock block = new StringBlock();
      if (vector == 0) {
        return block;
      }
      byte[] pointers = new byte[256];
      long at = vector;
      while (true) {
        int have = memory.copyInPartly(at, pointers, 0, pointers.length) / POINTER;
        if (have == 0) {
          throw ErrnoException.of(Errno.EFAULT);
        }
        for (int i = 0; i < have; i++) {
          long pointer = pointerAt(pointers, i * POINTER);
          if (pointer == 0) {
            return block;
          }
          read(pointer, block);
        }
        at += (long) have * POINTER;
      }
    }

    private static long pointerAt(byte[] bytes, int offset) {
      long value = 0;
      for (int i = POINTER - 1; i >= 0; i--) {
        value = value << 8 | (bytes[offset + i] & 0xff);
      }
      return value;
    }

    private void read(long address, StringBlock block) throws ErrnoException {
      byte[] whole = null;
      int length = 0;
      while (true) {
        load(address + length);
        int from = (int) (address + length - chunkAddress);
        int to = from;
        while (to < chunkLength && chunk[to] != 0) {
          to++;
        }
        int part = to - from;
        StringBlock.checkLength(length + part);
        boolean ended = to < chunkLength;
        if (whole == null && ended) {
          charge(part);
          block.add(chunk, from, part);
          return;
        }
        if (whole == null) {
          whole = new byte[2 * CHUNK];
        }
        if (whole.length < length + part) {
          whole = Arrays.copyOf(whole, 2 * (length + part));
        }
        System.arraycopy(chunk, from, whole, length, part);
        length += part;
        if (ended) {
          charge(length);
          block.add(whole, 0, length);
          return;
        }
      }
    }

    private void charge(int length) throws ErrnoException {
      room -= length + 1L + POINTER;
      if (room < 0) {
        throw ErrnoException.of(Errno.E2BIG);
      }
    }

    private void load(long address) throws ErrnoException {
      if (address >= chunkAddress && address < chunkAddress + chunkLength) {
        return;
      }
      chunkAddress = address;
      chunkLength = memory.copyInPartly(address, chunk, 0, CHUNK);
      if (chunkLength == 0) {
        throw ErrnoException.of(Errno.EFAULT);
      }
    }
  }
}
