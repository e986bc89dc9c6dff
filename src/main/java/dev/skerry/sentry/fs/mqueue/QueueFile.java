package dev.skerry.sentry.fs.mqueue;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.usermem.IoBuffer;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.Stat;
import dev.skerry.sentry.waiter.WaitQueue;
import java.nio.charset.StandardCharsets;

/** An open message queue: what mq_open(3) calls a message queue descriptor. */
public final class QueueFile extends OpenFileDescription {
  private static final int SEEK_SET = 0;
  private static final int SEEK_CUR = 1;
  private static final int SEEK_END = 2;

  private final MessageQueues names;
  private final MessageQueue messages;

  // Guarded by this.
  private long position;

  QueueFile(MessageQueues names, MessageQueue messages, int flags) {
    super(flags);
    this.names = names;
    this.messages = messages;
  }

  public MessageQueue messages() {
    return messages;
  }

  /** Whoever closes a descriptor of the queue is not told of messages any more. */
  @Override
  protected void flush(Object table) {
    messages.tableClosed(table);
  }

  /** The position is in the one line of {@link MessageQueue#status}. */
  @Override
  public synchronized long seek(long offset, int whence) {
    long target =
        switch (whence) {
          case SEEK_SET -> offset;
          case SEEK_CUR -> position + offset;
          case SEEK_END -> messages.stat().size() + offset;
          default -> -1;
        };
    if (target < 0) {
      return -Errno.EINVAL;
    }
    position = target;
    return target;
  }

  @Override
  public synchronized long read(IoBuffer target) {
    long moved = pread(target, position);
    if (moved > 0) {
      position += moved;
    }
    return moved;
  }

  @Override
  public long pread(IoBuffer target, long offset) {
    byte[] line = messages.status().getBytes(StandardCharsets.ISO_8859_1);
    if (offset < 0) {
      return -Errno.EINVAL;
    }
    int length = (int) Math.min(line.length - offset, target.remaining());
    return length <= 0 ? 0 : target.put(line, (int) offset, length);
  }

  @Override
  protected void release() {
    names.closed(messages);
  }

  @Override
  public String displayName() {
    return "/" + messages.name();
  }

  @Override
  public Stat stat() {
    return messages.stat();
  }

  @Override
  public int poll() {
    return messages.poll();
  }

  @Override
  public WaitQueue waitQueue() {
    return messages.queue();
  }
}
