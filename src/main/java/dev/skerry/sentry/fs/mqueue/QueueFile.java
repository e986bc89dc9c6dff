package dev.skerry.sentry.fs.mqueue;

import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.Stat;
import dev.skerry.sentry.waiter.WaitQueue;

/** An open message queue: what mq_open(3) calls a message queue descriptor. */
public final class QueueFile extends OpenFileDescription {
  private final MessageQueues names;
  private final MessageQueue messages;

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

  /** There is no position to set, and no error. */
  @Override
  public long seek(long offset, int whence) {
    return 0;
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
