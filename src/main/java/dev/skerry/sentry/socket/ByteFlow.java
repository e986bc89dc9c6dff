package dev.skerry.sentry.socket;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.usermem.ByteQueue;
import dev.skerry.sentry.usermem.IoBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A stream of bytes without boundaries, but for those that ancillary data make (unix(7)). */
final class ByteFlow implements Flow {
  /** Ancillary data that belong to the bytes from {@code position} on. */
  private record Mark(long position, Ancillary ancillary) {}

  /** In bytes. */
  private static final int KEPT = 64 << 10;

  private final ByteQueue bytes = new ByteQueue(SocketOptions.MOST_BUFFER);
  private final ArrayDeque<Mark> marks = new ArrayDeque<>();
  private int capacity = SocketOptions.DEFAULT_BUFFER;
  private long read;
  private Ancillary last = Ancillary.NONE;

  /** What comes after a message with files is not read together with it. */
  private boolean afterFiles;

  /** The most bytes that waited since the memory was last given back. */
  private int most;

  @Override
  public long send(IoBuffer source, @Nullable SocketAddress from, Ancillary ancillary) {
    int room = capacity - bytes.size();
    if (room <= 0) {
      return -Errno.EAGAIN;
    }
    long position = read + bytes.size();
    int wanted = (int) Math.min(room, source.remaining());
    if (!SocketSpace.take(wanted)) {
      return -Errno.ENOBUFS;
    }
    long moved = bytes.writeFrom(source, wanted);
    SocketSpace.give(wanted - Math.max(moved, 0));
    most = Math.max(most, bytes.size());
    if (moved > 0 && (afterFiles || !last.joins(ancillary))) {
      marks.add(new Mark(position, ancillary));
      last = new Ancillary(List.of(), ancillary.sender());
      afterFiles = !ancillary.files().isEmpty();
    }
    return moved;
  }

  @Override
  public long receive(IoBuffer target, int flags, Received received) {
    if (bytes.size() == 0) {
      return -Errno.EAGAIN;
    }
    boolean peek = (flags & SocketFile.MSG_PEEK) != 0;
    Mark mark = marks.peek();
    Ancillary ancillary = Ancillary.NONE;
    long limit = Long.MAX_VALUE;
    if (mark != null && mark.position() == read) {
      ancillary = mark.ancillary();
      limit = nextBoundary() - read;
    } else if (mark != null) {
      limit = mark.position() - read;
    }
    IoBuffer part = limit < target.remaining() ? new LimitedBuffer(target, limit) : target;
    long moved = peek ? bytes.peekTo(part) : bytes.readTo(part);
    if (moved <= 0) {
      return moved;
    }
    received.set(null, peek ? ancillary.copy() : ancillary, 0, -1);
    if (!peek) {
      read += moved;
      SocketSpace.give(moved);
      consumed(mark);
      shrink();
    }
    return moved;
  }

  /** An empty queue keeps a little memory only. */
  private void shrink() {
    if (bytes.size() == 0 && most > KEPT) {
      bytes.clear();
      most = 0;
    }
  }

  private long nextBoundary() {
    long end = Long.MAX_VALUE;
    int seen = 0;
    for (Mark mark : marks) {
      if (seen++ == 1) {
        end = mark.position();
        break;
      }
    }
    return end;
  }

  /** The files of a mark go with its first bytes; the sender stays known for the rest. */
  private void consumed(@Nullable Mark mark) {
    if (mark == null || mark.position() >= read) {
      return;
    }
    marks.poll();
    Mark next = marks.peek();
    boolean more = bytes.size() > 0 && (next == null || next.position() > read);
    if (more && mark.ancillary().sender() != null) {
      marks.addFirst(new Mark(read, new Ancillary(List.of(), mark.ancillary().sender())));
    }
    if (bytes.size() == 0) {
      last = Ancillary.NONE;
    }
  }

  @Override
  public boolean isEmpty() {
    return bytes.size() == 0;
  }

  @Override
  public boolean hasRoom() {
    return capacity - bytes.size() >= capacity / 4;
  }

  @Override
  public int available() {
    return bytes.size();
  }

  @Override
  public int queued() {
    return bytes.size();
  }

  @Override
  public List<Ancillary> clear() {
    List<Ancillary> dropped = new ArrayList<>();
    marks.forEach(mark -> dropped.add(mark.ancillary()));
    marks.clear();
    SocketSpace.give(bytes.size());
    bytes.clear();
    most = 0;
    return dropped;
  }

  @Override
  public void setCapacity(int size) {
    capacity = size;
  }
}
