package dev.skerry.sentry.fs.mqueue;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.sysctl.Sysctl;
import dev.skerry.sentry.sysctl.SysctlValues;
import dev.skerry.sentry.vfs.Access;
import dev.skerry.sentry.vfs.OpenFlags;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The queues by their names, within /proc/sys/fs/mqueue and RLIMIT_MSGQUEUE. */
public final class MessageQueues {
  private static final int HARD_MESSAGES = 65_536;
  private static final int HARD_BYTES = 16 << 20;

  /** Of a message, beside its data. */
  private static final int OVERHEAD = 96;

  /** Of a queue, beside its messages; not counted by RLIMIT_MSGQUEUE. */
  private static final int QUEUE = 1024;

  /** The heap that all queues may take. */
  private static final long MOST_TOTAL = 16L << 20;

  private static final int NAME_MAX = 255;

  /** How many messages, and how many bytes each may have. */
  public record Size(long messages, long bytes) {
    long total() {
      return messages * (bytes + OVERHEAD);
    }
  }

  @GuardedBy("this")
  private final Map<String, MessageQueue> byName = new HashMap<>();

  @GuardedBy("this")
  private final Map<Integer, Long> taken = new HashMap<>();

  private final AtomicLong total;
  private final SysctlValues sysctl;

  /** Those of a namespace with these settings. */
  public MessageQueues(SysctlValues sysctl) {
    this(new AtomicLong(), sysctl);
  }

  private MessageQueues(AtomicLong total, SysctlValues sysctl) {
    this.total = total;
    this.sysctl = sysctl;
  }

  /** Those of another namespace, which share the heap with these. */
  public MessageQueues another(SysctlValues otherSysctl) {
    return new MessageQueues(total, otherSysctl);
  }

  /**
   * mq_open(3).
   *
   * @param flags of open(2)
   * @param mode the umask has been applied
   * @param size null for the default
   * @param most RLIMIT_MSGQUEUE, in bytes, unsigned
   */
  public synchronized QueueFile open(
      Credentials who, String name, int flags, int mode, @Nullable Size size, long most)
      throws ErrnoException {
    checkName(name);
    MessageQueue queue = byName.get(name);
    if (queue == null) {
      if ((flags & OpenFlags.O_CREAT) == 0) {
        throw ErrnoException.of(Errno.ENOENT);
      }
      queue = make(who, name, mode, size, most);
    } else {
      if ((flags & OpenFlags.O_CREAT) != 0 && (flags & OpenFlags.O_EXCL) != 0) {
        throw ErrnoException.of(Errno.EEXIST);
      }
      checkAccess(who, queue, flags & OpenFlags.O_ACCMODE);
    }
    queue.uses++;
    return new QueueFile(this, queue, flags & (OpenFlags.O_ACCMODE | OpenFlags.O_NONBLOCK));
  }

  private static void checkName(String name) throws ErrnoException {
    if (name.isEmpty()) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    if (name.indexOf('/') >= 0 || name.equals(".") || name.equals("..")) {
      throw ErrnoException.of(Errno.EACCES);
    }
    if (name.length() > NAME_MAX) {
      throw ErrnoException.of(Errno.ENAMETOOLONG);
    }
  }

  private static void checkAccess(Credentials who, MessageQueue queue, int access)
      throws ErrnoException {
    int wanted =
        switch (access) {
          case OpenFlags.O_RDONLY -> Access.READ;
          case OpenFlags.O_WRONLY -> Access.WRITE;
          case OpenFlags.O_RDWR -> Access.READ | Access.WRITE;
          default -> throw ErrnoException.of(Errno.EINVAL);
        };
    if (!Access.isAllowed(who, queue.stat(), wanted)) {
      throw ErrnoException.of(Errno.EACCES);
    }
  }

  @GuardedBy("this")
  private MessageQueue make(
      Credentials who, String name, int mode, @Nullable Size wanted, long most)
      throws ErrnoException {
    boolean resource = who.hasCapability(Capability.SYS_RESOURCE);
    if (byName.size() >= sysctl.get(Sysctl.MQ_QUEUES_MAX) && !resource) {
      throw ErrnoException.of(Errno.ENOSPC);
    }
    long mostMessages = resource ? HARD_MESSAGES : sysctl.get(Sysctl.MQ_MSG_MAX);
    long mostBytes = resource ? HARD_BYTES : sysctl.get(Sysctl.MQ_MSGSIZE_MAX);
    Size size = wanted == null ? usual() : wanted;
    if (size.messages <= 0
        || size.bytes <= 0
        || size.messages > mostMessages
        || size.bytes > mostBytes) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    long users = taken.getOrDefault(who.uid(), 0L) + size.total();
    if (Long.compareUnsigned(users, most) > 0) {
      throw ErrnoException.of(Errno.EMFILE);
    }
    if (total.addAndGet(QUEUE + size.total()) > MOST_TOTAL) {
      total.addAndGet(-QUEUE - size.total());
      throw ErrnoException.of(Errno.EMFILE);
    }
    taken.put(who.uid(), users);
    MessageQueue made =
        new MessageQueue(
            name, mode, who.fsuid(), who.fsgid(), who.uid(), (int) size.messages, (int) size.bytes);
    byName.put(name, made);
    return made;
  }

  private Size usual() {
    return new Size(
        Math.min(sysctl.get(Sysctl.MQ_MSG_MAX), sysctl.get(Sysctl.MQ_MSG_DEFAULT)),
        Math.min(sysctl.get(Sysctl.MQ_MSGSIZE_MAX), sysctl.get(Sysctl.MQ_MSGSIZE_DEFAULT)));
  }

  /** mq_unlink(3). The directory would be sticky. */
  public synchronized void unlink(Credentials who, String name) throws ErrnoException {
    checkName(name);
    MessageQueue queue = byName.get(name);
    if (queue == null) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    boolean own = who.fsuid() == queue.stat().uid();
    if (!own && !Access.isOwner(who, queue.stat())) {
      throw ErrnoException.of(Errno.EPERM);
    }
    byName.remove(name);
    closed(queue);
  }

  /** The namespace is gone: what is still open stays until it is closed. */
  public synchronized void unlinkAll() {
    List<MessageQueue> named = List.copyOf(byName.values());
    byName.clear();
    named.forEach(this::closed);
  }

  synchronized void closed(MessageQueue queue) {
    queue.uses--;
    if (queue.uses > 0) {
      return;
    }
    long size = new Size(queue.mostMessages(), queue.mostBytes()).total();
    total.addAndGet(-QUEUE - size);
    long left = taken.getOrDefault(queue.payer(), 0L) - size;
    if (left > 0) {
      taken.put(queue.payer(), left);
    } else {
      taken.remove(queue.payer());
    }
  }
}
