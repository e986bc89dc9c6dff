package dev.skerry.sentry.fs.tty;

import dev.skerry.sentry.usermem.IoBuffer;

/**
 * What was typed and not yet read: finished lines, then the line that is being edited. Guarded by
 * its terminal. Linux: read_buf and read_flags of n_tty.
 */
final class InputQueue {
  /** How many bytes fit (N_TTY_BUF_SIZE). */
  static final int SIZE = 4096;

  private static final byte ORDINARY = 0;
  private static final byte LINE_END = 1;
  private static final byte FILE_END = 2;

  private final byte[] data = new byte[SIZE];
  private final byte[] kinds = new byte[SIZE];

  /** Counts of bytes ever added and taken, and of those in finished lines. */
  private int head;

  private int tail;
  private int finished;

  private static int index(int position) {
    return position & (SIZE - 1);
  }

  int size() {
    return head - tail;
  }

  int room() {
    return SIZE - size();
  }

  boolean hasLine() {
    return finished != tail;
  }

  /** The bytes of the line that is being edited. */
  int unfinished() {
    return head - finished;
  }

  void add(int value) {
    kinds[index(head)] = ORDINARY;
    data[index(head++)] = (byte) value;
  }

  /** Finishes the line with its last byte. */
  void addLineEnd(int value) {
    add(value);
    kinds[index(head - 1)] = LINE_END;
    finished = head;
  }

  /** Finishes the line without a byte; an empty line so is the end of the file. */
  void addFileEnd() {
    add(0);
    kinds[index(head - 1)] = FILE_END;
    finished = head;
  }

  /** A byte of the line that is being edited; 0 is its last. */
  int fromEnd(int distance) {
    return Byte.toUnsignedInt(data[index(head - 1 - distance)]);
  }

  void removeLast() {
    head--;
  }

  void clear() {
    tail = head;
    finished = head;
  }

  /** Line editing begins: what is there counts as a finished line. */
  void beginLines() {
    if (size() > 0) {
      kinds[index(head - 1)] = LINE_END;
    }
    finished = head;
  }

  /** Line editing ends: bytes are only bytes. */
  void endLines() {
    for (int i = tail; i != head; i++) {
      kinds[index(i)] = ORDINARY;
    }
    finished = tail;
  }

  /** The bytes of the first line, or all without lines; its marks count. */
  int available(boolean lines) {
    return lines ? finished - tail : size();
  }

  /** Moves bytes out regardless of lines. */
  long readBytes(IoBuffer target) {
    int run = Math.min(size(), SIZE - index(tail));
    long total = take(target, run);
    if (total == run && size() > 0 && target.remaining() > 0) {
      total += Math.max(0, take(target, size()));
    }
    finished = tail;
    return total;
  }

  /** Moves one line out, or as much of it as the target takes. There must be one. */
  long readLine(IoBuffer target) {
    long total = 0;
    while (tail != finished && target.remaining() > 0) {
      int run = 0;
      int limit = Math.min(finished - tail, SIZE - index(tail));
      boolean ended = false;
      while (run < limit && !ended) {
        byte kind = kinds[index(tail + run)];
        if (kind == FILE_END) {
          break;
        }
        run++;
        ended = kind == LINE_END;
      }
      if (run > 0) {
        int wanted = (int) Math.min(run, target.remaining());
        long moved = take(target, wanted);
        if (moved < 0) {
          return total > 0 ? total : moved;
        }
        total += moved;
        if (moved < run) {
          break;
        }
      }
      if (ended) {
        return total;
      }
      if (isAtFileEnd()) {
        tail++;
        return total;
      }
    }
    if (total > 0 && isAtFileEnd()) {
      tail++;
    }
    return total;
  }

  private boolean isAtFileEnd() {
    return tail != finished && kinds[index(tail)] == FILE_END;
  }

  private long take(IoBuffer target, int length) {
    int wanted = (int) Math.min(length, target.remaining());
    if (wanted == 0) {
      return 0;
    }
    long moved = target.put(data, index(tail), wanted);
    tail += (int) Math.max(moved, 0);
    return moved;
  }
}
