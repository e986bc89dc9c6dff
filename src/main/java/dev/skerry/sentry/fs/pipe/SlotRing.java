package dev.skerry.sentry.fs.pipe;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.usermem.IoBuffer;

/**
 * A pipe's data: a ring of page-sized slots, filled as Linux fills them, so that a guest sees the
 * same capacity for any sizes of writes. The memory is one array that grows with use. Not
 * thread-safe.
 */
final class SlotRing {
  /** The size of a slot and PIPE_BUF, up to which writes are atomic. */
  static final int PAGE = 4096;

  private static final byte[] NONE = new byte[0];

  private byte[] data = NONE;
  private int[] offsets = new int[0];
  private int[] lengths = new int[0];
  private boolean[] packets = new boolean[0];

  /** Counts of slots ever filled and emptied; their difference is the number in use. */
  private int head;

  private int tail;
  private int most;
  private int bytes;

  /** There was no memory for another slot; until one is emptied the ring counts as full. */
  private boolean starved;

  /**
   * @param most the capacity in slots, a power of two
   */
  SlotRing(int most) {
    this.most = most;
  }

  int capacity() {
    return most * PAGE;
  }

  /** Bytes to be read. */
  int bytes() {
    return bytes;
  }

  boolean isEmpty() {
    return head == tail;
  }

  boolean isFull() {
    return used() >= most || starved;
  }

  private int used() {
    return head - tail;
  }

  /** Bytes that can be written now if whole slots are filled. */
  int room() {
    return (most - used()) * PAGE;
  }

  /** Changes the capacity; false if more slots are in use. */
  boolean resize(int slots) {
    if (slots < used()) {
      return false;
    }
    if (slots < offsets.length) {
      rebuild(slots);
    }
    most = slots;
    return true;
  }

  /** Gives the memory back, with what is in it; a FIFO may be opened again. */
  void free() {
    PipeSpace.give(data.length);
    data = NONE;
    offsets = new int[0];
    lengths = new int[0];
    packets = new boolean[0];
    head = 0;
    tail = 0;
    starved = false;
    bytes = 0;
  }

  /** Makes memory for so many slots, or as many as may be had. Returns whether one is free. */
  private boolean reserve(int wanted) {
    while (offsets.length < wanted) {
      int slots = offsets.length == 0 ? 1 : 2 * offsets.length;
      int more = slots * PAGE - data.length;
      if (!(offsets.length == 0 ? PipeSpace.tryBegin(more) : PipeSpace.tryGrow(more))) {
        break;
      }
      rebuild(slots);
    }
    starved = used() == offsets.length;
    return !starved;
  }

  private void rebuild(int slots) {
    if (slots * PAGE < data.length) {
      PipeSpace.give(data.length - slots * PAGE);
    }
    byte[] newData = new byte[slots * PAGE];
    int[] newOffsets = new int[slots];
    int[] newLengths = new int[slots];
    boolean[] newPackets = new boolean[slots];
    int count = used();
    for (int i = 0; i < count; i++) {
      int from = index(tail + i);
      newOffsets[i] = offsets[from];
      newLengths[i] = lengths[from];
      newPackets[i] = packets[from];
      int at = offsets[from];
      System.arraycopy(data, from * PAGE + at, newData, i * PAGE + at, lengths[from]);
    }
    data = newData;
    offsets = newOffsets;
    lengths = newLengths;
    packets = newPackets;
    tail = 0;
    head = count;
  }

  private int index(int slot) {
    return slot & (offsets.length - 1);
  }

  /**
   * Writes as much as fits.
   *
   * @param asPackets whether each slot is a packet of its own
   * @return the bytes taken; -EAGAIN if there is no room for any, -EFAULT, or -ENOMEM
   */
  long write(IoBuffer source, boolean asPackets) {
    long total = 0;
    int rest = (int) (source.remaining() & (PAGE - 1));
    if (rest != 0 && !isEmpty()) {
      long merged = merge(source, rest);
      if (merged < 0 || source.remaining() == 0) {
        return merged;
      }
      total = merged;
    }
    while (source.remaining() > 0) {
      if (used() >= most) {
        return total > 0 ? total : -Errno.EAGAIN;
      }
      long wanted = used() + (source.remaining() + PAGE - 1) / PAGE;
      if (!reserve((int) Math.min(wanted, most))) {
        return total > 0 ? total : offsets.length == 0 ? -Errno.ENOMEM : -Errno.EAGAIN;
      }
      long moved = fill(source, asPackets);
      if (moved < 0) {
        return total > 0 ? total : moved;
      }
      total += moved;
    }
    return total;
  }

  /** Appends to the last slot if all of the odd part of the write fits there. */
  private long merge(IoBuffer source, int rest) {
    int last = index(head - 1);
    int end = offsets[last] + lengths[last];
    if (packets[last] || end + rest > PAGE) {
      return 0;
    }
    long moved = source.get(data, last * PAGE + end, rest);
    if (moved < rest) {
      return -Errno.EFAULT;
    }
    lengths[last] += rest;
    bytes += rest;
    return rest;
  }

  /** Fills slots that lie one behind the other in memory, with one transfer. */
  private long fill(IoBuffer source, boolean asPackets) {
    int first = index(head);
    int adjacent = Math.min(offsets.length - first, Math.min(offsets.length, most) - used());
    int wanted = (int) Math.min(source.remaining(), (long) adjacent * PAGE);
    long moved = source.get(data, first * PAGE, wanted);
    if (moved < wanted) {
      moved = moved < 0 ? 0 : moved - moved % PAGE;
    }
    for (int done = 0; done < moved; done += PAGE) {
      int slot = index(head++);
      offsets[slot] = 0;
      lengths[slot] = (int) Math.min(PAGE, moved - done);
      packets[slot] = asPackets;
    }
    bytes += (int) moved;
    return moved == 0 ? -Errno.EFAULT : moved;
  }

  /**
   * Reads and forgets what is there; of a packet, what the target has no room for is lost.
   *
   * @return the bytes moved, 0 if there are none, or -EFAULT
   */
  long read(IoBuffer target) {
    long total = 0;
    while (!isEmpty() && target.remaining() > 0) {
      int slot = index(tail);
      boolean packet = packets[slot];
      int run = packet ? lengths[slot] : run(slot);
      int wanted = (int) Math.min(run, target.remaining());
      long moved = target.put(data, slot * PAGE + offsets[slot], wanted);
      if (moved < 0) {
        return total > 0 ? total : moved;
      }
      total += moved;
      consume(packet && moved == wanted ? run : (int) moved);
      if (packet || moved < wanted) {
        break;
      }
    }
    return total;
  }

  /** The bytes from a slot's first on that lie together in memory. */
  private int run(int first) {
    int total = lengths[first];
    int slot = first;
    for (int i = 1; i < used(); i++) {
      boolean full = offsets[slot] + lengths[slot] == PAGE;
      slot++;
      if (!full || slot == offsets.length || offsets[slot] != 0 || packets[slot]) {
        break;
      }
      total += lengths[slot];
    }
    return total;
  }

  private void consume(int count) {
    bytes -= count;
    while (count > 0) {
      int slot = index(tail);
      int part = Math.min(count, lengths[slot]);
      offsets[slot] += part;
      lengths[slot] -= part;
      count -= part;
      if (lengths[slot] == 0) {
        tail++;
        starved = false;
      }
    }
  }

  /**
   * Copies without forgetting (tee(2)).
   *
   * @return the bytes copied
   */
  int peek(byte[] target, int wanted) {
    int done = 0;
    for (int i = tail; i != head && done < wanted; i++) {
      int slot = index(i);
      int part = Math.min(lengths[slot], wanted - done);
      System.arraycopy(data, slot * PAGE + offsets[slot], target, done, part);
      done += part;
    }
    return done;
  }

  /** Forgets bytes that were peeked. */
  void skip(int count) {
    consume(count);
  }
}
