package dev.skerry.sentry.socket;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.usermem.ByteQueue;
import dev.skerry.sentry.usermem.IoBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A stream of bytes without boundaries, but for those that ancillary data make (unix(7)). */
final class ByteFlow implements Flow {
  /** Ancillary data that belong to the bytes from {@code position} on. */
  private record Mark(long position, Ancillary ancillary) {}

  /** In bytes. */
  private static final int KEPT = 64 << 10;

  /** How many bytes Linux copies from a program at a time, at most. */
  private static final int PACKET = 32 << 10;

  /** Whether MSG_TRUNC throws bytes away (tcp(7)). */
  private final boolean discards;

  private final ByteQueue bytes = new ByteQueue(SocketOptions.MOST_BUFFER);
  private final ArrayDeque<Mark> marks = new ArrayDeque<>();
  private int capacity = SocketOptions.DEFAULT_BUFFER;
  private long read;

  /** Who sent the next byte, unless a mark says so. */
  private Ancillary.@Nullable Sender current;

  /** Who sent the last byte. */
  private Ancillary.@Nullable Sender last;

  /** What comes after a message with files is not read together with it. */
  private boolean afterFiles;

  /** The most bytes that waited since the memory was last given back. */
  private int most;

  ByteFlow(boolean discards) {
    this.discards = discards;
  }

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
    if (moved >= 0 && moved < wanted) {
      moved = withoutPart(source, (int) moved);
    }
    SocketSpace.give(wanted - Math.max(moved, 0));
    most = Math.max(most, bytes.size());
    boolean joins = ancillary.files().isEmpty() && Objects.equals(last, ancillary.sender());
    if (moved > 0 && (afterFiles || !joins)) {
      marks.add(new Mark(position, ancillary));
      last = ancillary.sender();
      afterFiles = !ancillary.files().isEmpty();
    }
    return moved;
  }

  /** A fault takes with it what was copied of its packet. */
  private long withoutPart(IoBuffer source, int moved) {
    int part = moved % PACKET;
    bytes.cut(part);
    source.rewind(part);
    return moved == part ? -Errno.EFAULT : moved - part;
  }

  @Override
  public long receive(IoBuffer target, int flags, Received received) {
    if (bytes.size() == 0) {
      return -Errno.EAGAIN;
    }
    Mark first = marks.peek();
    Ancillary.Sender sender =
        first != null && first.position() == read ? first.ancillary().sender() : current;
    Mark withFiles = null;
    long end = Long.MAX_VALUE;
    for (Mark mark : marks) {
      boolean otherSender =
          received.tellsSenders() && !Objects.equals(mark.ancillary().sender(), sender);
      if (withFiles != null || otherSender) {
        end = mark.position();
        break;
      }
      if (!mark.ancillary().files().isEmpty()) {
        withFiles = mark;
      }
    }
    boolean peek = (flags & SocketFile.MSG_PEEK) != 0;
    boolean discarded = discards && (flags & SocketFile.MSG_TRUNC) != 0;
    long limit = end - read;
    IoBuffer part = limit < target.remaining() ? new LimitedBuffer(target, limit) : target;
    long moved = discarded ? discard(part, peek) : peek ? bytes.peekTo(part) : bytes.readTo(part);
    if (moved < 0) {
      return moved;
    }
    // Who reads nothing gets the files that come with the next byte all the same.
    boolean reached = withFiles != null && withFiles.position() < read + Math.max(moved, 1);
    Ancillary control =
        reached
            ? new Ancillary(Objects.requireNonNull(withFiles).ancillary().files(), sender)
            : sender == null ? Ancillary.NONE : new Ancillary(List.of(), sender);
    received.set(null, peek ? control.copy() : control, 0, -1);
    if (!peek) {
      if (reached && moved == 0) {
        marks.poll();
        marks.addFirst(new Mark(read, new Ancillary(List.of(), sender)));
      }
      consume(moved);
    }
    return moved;
  }

  /** Files go with the first byte that they came with; the sender stays known for the rest. */
  private void consume(long count) {
    read += count;
    SocketSpace.give(count);
    for (Mark mark = marks.peek(); mark != null && mark.position() < read; mark = marks.peek()) {
      current = mark.ancillary().sender();
      marks.poll();
    }
    if (bytes.size() == 0 && most > KEPT) {
      // An empty queue keeps a little memory only.
      bytes.clear();
      most = 0;
    }
  }

  private long discard(IoBuffer target, boolean peek) {
    int count = (int) Math.min(bytes.size(), target.remaining());
    if (!peek) {
      bytes.skip(count);
    }
    target.skip(count);
    return count;
  }

  @Override
  public boolean isEmpty() {
    return bytes.size() == 0;
  }

  @Override
  public int room() {
    return capacity - bytes.size();
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
