package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Signal;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.fs.mqueue.MessageQueue;
import dev.skerry.sentry.fs.mqueue.MessageQueues;
import dev.skerry.sentry.fs.mqueue.QueueFile;
import dev.skerry.sentry.kernel.Results;
import dev.skerry.sentry.kernel.Rlimits;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.Wait;
import dev.skerry.sentry.slab.Slab;
import dev.skerry.sentry.socket.SocketFile;
import dev.skerry.sentry.socket.netlink.RouteSocket;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.waiter.Events;
import org.jspecify.annotations.Nullable;

/** POSIX message queues (mq_overview(7)). Linux: ipc/mqueue.c. */
final class MqSyscalls {
  private static final int PATH_MAX = 4096;
  private static final int MQ_ATTR = 64;
  private static final int SIGEVENT = 64;
  private static final int MQ_PRIO_MAX = 32_768;
  private static final int SIGEV_SIGNAL = 0;
  private static final int SIGEV_NONE = 1;
  private static final int SIGEV_THREAD = 2;

  /** NOTIFY_COOKIE_LEN; its last byte tells what has happened. */
  private static final int COOKIE = 32;

  private static final int NOTIFY_WOKENUP = 1;
  private static final int NOTIFY_REMOVED = 2;

  private MqSyscalls() {}

  static void register(SyscallTable table) {
    MqSyscalls calls = new MqSyscalls();
    table.partial(Syscall.MQ_OPEN, calls::mq_open, "/dev/mqueue is not mounted");
    table.supported(Syscall.MQ_UNLINK, calls::mq_unlink);
    table.supported(Syscall.MQ_TIMEDSEND, MqSyscalls::mq_timedsend);
    table.supported(Syscall.MQ_TIMEDRECEIVE, MqSyscalls::mq_timedreceive);
    table.supported(Syscall.MQ_NOTIFY, MqSyscalls::mq_notify);
    table.supported(Syscall.MQ_GETSETATTR, MqSyscalls::mq_getsetattr);
  }

  long mq_open(Task task, SyscallArgs args) throws ErrnoException {
    String name = task.memory().readString(args.addressAt(0), PATH_MAX);
    int flags = args.intAt(1);
    MessageQueues.Size size = null;
    if ((flags & OpenFlags.O_CREAT) != 0 && args.addressAt(3) != 0) {
      StructReader attributes =
          new StructReader(task.memory().readBytes(args.addressAt(3), MQ_ATTR));
      size = new MessageQueues.Size(attributes.longAt(8), attributes.longAt(16));
    }
    int mode = args.intAt(2) & 07777 & ~task.fs().umask();
    long most = task.group().limits().soft(Rlimits.MSGQUEUE);
    QueueFile file =
        IpcNamespace.of(task).queues().open(task.credentials(), name, flags, mode, size, most);
    return task.files().install(file, true, 0);
  }

  long mq_unlink(Task task, SyscallArgs args) throws ErrnoException {
    String name = task.memory().readString(args.addressAt(0), PATH_MAX);
    IpcNamespace.of(task).queues().unlink(task.credentials(), name);
    return 0;
  }

  private static QueueFile file(Task task, int fd) throws ErrnoException {
    OpenFileDescription file = Paths.file(task, fd);
    if (file instanceof QueueFile queue) {
      return queue;
    }
    file.drop();
    throw ErrnoException.of(Errno.EBADF);
  }

  /** The absolute time that ends a wait, in the time of {@link System#nanoTime}. */
  private static long deadline(Task task, long address) throws ErrnoException {
    long time = Times.timespec(task.memory(), address);
    return Clocks.monotonic(task, Clocks.REALTIME, time);
  }

  static long mq_timedsend(Task task, SyscallArgs args) throws ErrnoException {
    int priority = args.intAt(3);
    long timeout = args.addressAt(4);
    long deadline = timeout == 0 ? 0 : deadline(task, timeout);
    if (priority < 0 || priority >= MQ_PRIO_MAX) {
      return -Errno.EINVAL;
    }
    QueueFile file = file(task, args.intAt(0));
    try {
      if (!file.isWritable()) {
        return -Errno.EBADF;
      }
      long length = args.longAt(2);
      if (length < 0 || length > file.messages().mostBytes()) {
        return -Errno.EMSGSIZE;
      }
      byte[] data = task.memory().readBytes(args.addressAt(1), (int) length);
      Send send = new Send(task, file, new MessageQueue.Message(priority, data));
      if (file.isNonBlocking()) {
        long result = send.attempt();
        return result == Results.NOT_YET ? -Errno.EAGAIN : result;
      }
      // While it waits, the message is charged for.
      if (!Slab.MESSAGE_BYTE.take(data.length)) {
        return -Errno.ENOMEM;
      }
      file.acquire();
      if (timeout != 0) {
        send.until(deadline);
      }
      return send.on(file.waitQueue(), Events.WRITABLE).park();
    } finally {
      file.drop();
    }
  }

  private static final class Send extends Wait {
    private final QueueFile file;
    private final MessageQueue.Message message;

    Send(Task task, QueueFile file, MessageQueue.Message message) {
      super(task);
      this.file = file;
      this.message = message;
    }

    @Override
    protected long attempt() {
      return file.messages().send(message, task());
    }

    @Override
    protected void finished() {
      Slab.MESSAGE_BYTE.give(message.data().length);
      file.drop();
    }
  }

  static long mq_timedreceive(Task task, SyscallArgs args) throws ErrnoException {
    long timeout = args.addressAt(4);
    long deadline = timeout == 0 ? 0 : deadline(task, timeout);
    QueueFile file = file(task, args.intAt(0));
    try {
      if (!file.isReadable()) {
        return -Errno.EBADF;
      }
      if (Long.compareUnsigned(args.longAt(2), file.messages().mostBytes()) < 0) {
        return -Errno.EMSGSIZE;
      }
      Receive receive = new Receive(task, file, args.addressAt(1), args.addressAt(3));
      if (file.isNonBlocking()) {
        long result = receive.attempt();
        return result == Results.NOT_YET ? -Errno.EAGAIN : result;
      }
      file.acquire();
      file.messages().receiverCame();
      if (timeout != 0) {
        receive.until(deadline);
      }
      return receive.on(file.waitQueue(), Events.READABLE).park();
    } finally {
      file.drop();
    }
  }

  private static final class Receive extends Wait {
    private final QueueFile file;
    private final long address;
    private final long priorityAddress;

    Receive(Task task, QueueFile file, long address, long priorityAddress) {
      super(task);
      this.file = file;
      this.address = address;
      this.priorityAddress = priorityAddress;
    }

    @Override
    protected long attempt() {
      MessageQueue.Message message = file.messages().receive();
      if (message == null) {
        return Results.NOT_YET;
      }
      byte[] data = message.data();
      long result =
          priorityAddress == 0 ? 0 : task().memory().storeInt(priorityAddress, message.priority());
      if (result == 0 && data.length > 0) {
        result = task().memory().copyOut(address, data, 0, data.length);
      }
      return result < 0 ? result : data.length;
    }

    @Override
    protected void finished() {
      file.messages().receiverLeft();
      file.drop();
    }
  }

  static long mq_notify(Task task, SyscallArgs args) throws ErrnoException {
    MessageQueue.Notification wanted = notification(task, args.addressAt(1));
    long result = -Errno.EBADF;
    OpenFileDescription file = task.files().acquire(args.intAt(0));
    if (file instanceof QueueFile queue) {
      result = 0;
      if (wanted != null) {
        result = queue.messages().register(wanted);
      } else {
        queue.messages().unregister(task.group());
      }
    }
    if (file != null) {
      file.drop();
    }
    if (result < 0 && wanted != null && wanted.thread() instanceof ThreadCookie unused) {
      unused.socket.drop();
    }
    return result;
  }

  /** What a struct sigevent asks for; null for no address. */
  private static MessageQueue.@Nullable Notification notification(Task task, long address)
      throws ErrnoException {
    if (address == 0) {
      return null;
    }
    StructReader event = new StructReader(task.memory().readBytes(address, SIGEVENT));
    int signal = event.intAt(8);
    long value = event.longAt(0);
    return switch (event.intAt(12)) {
      case SIGEV_NONE -> notification(task, 0, value, null);
      case SIGEV_THREAD -> notification(task, signal, value, threadCookie(task, value, signal));
      case SIGEV_SIGNAL -> {
        if (signal < 0 || signal > Signal.MAX) {
          throw ErrnoException.of(Errno.EINVAL);
        }
        yield notification(task, signal, value, null);
      }
      default -> throw ErrnoException.of(Errno.EINVAL);
    };
  }

  private static MessageQueue.Notification notification(
      Task task, int signal, long value, @Nullable ThreadCookie thread) {
    return new MessageQueue.Notification(
        task.group(), task.credentials().userNamespace(), task.files(), signal, value, thread);
  }

  private static ThreadCookie threadCookie(Task task, long address, int fd) throws ErrnoException {
    byte[] cookie = task.memory().readBytes(address, COOKIE);
    OpenFileDescription file = Paths.file(task, fd);
    if (file instanceof RouteSocket socket) {
      return new ThreadCookie(cookie, socket);
    }
    boolean isSocket = file instanceof SocketFile;
    file.drop();
    throw ErrnoException.of(isSocket ? Errno.EINVAL : Errno.ENOTSOCK);
  }

  /** Goes to a netlink socket, of which it has a use, and on which the library's thread waits. */
  private static final class ThreadCookie implements MessageQueue.ThreadNotice {
    private final byte[] cookie;
    private final RouteSocket socket;

    ThreadCookie(byte[] cookie, RouteSocket socket) {
      this.cookie = cookie;
      this.socket = socket;
    }

    @Override
    public void send(boolean removed) {
      cookie[COOKIE - 1] = (byte) (removed ? NOTIFY_REMOVED : NOTIFY_WOKENUP);
      socket.deliver(cookie);
      socket.drop();
    }
  }

  static long mq_getsetattr(Task task, SyscallArgs args) throws ErrnoException {
    long newAddress = args.addressAt(1);
    long newFlags = 0;
    if (newAddress != 0) {
      newFlags = new StructReader(task.memory().readBytes(newAddress, MQ_ATTR)).longAt(0);
      if ((newFlags & ~OpenFlags.O_NONBLOCK) != 0) {
        return -Errno.EINVAL;
      }
    }
    QueueFile file = file(task, args.intAt(0));
    try {
      int flags = file.flags();
      if (newAddress != 0) {
        file.setFlags(flags & ~OpenFlags.O_NONBLOCK | (int) newFlags);
      }
      if (args.addressAt(2) == 0) {
        return 0;
      }
      return new StructWriter(MQ_ATTR)
          .putLong(0, flags & OpenFlags.O_NONBLOCK)
          .putLong(8, file.messages().mostMessages())
          .putLong(16, file.messages().mostBytes())
          .putLong(24, file.messages().count())
          .tryCopyOut(task.memory(), args.addressAt(2));
    } finally {
      file.drop();
    }
  }
}
