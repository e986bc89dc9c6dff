package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.ipc.IpcTable;
import dev.skerry.sentry.ipc.MessageSet;
import dev.skerry.sentry.kernel.Results;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.Wait;
import dev.skerry.sentry.slab.Slab;
import dev.skerry.sentry.sysctl.Sysctl;
import dev.skerry.sentry.waiter.Events;
import java.util.Arrays;

/** System V message queues (msgget(2), msgop(2), msgctl(2)). */
final class MsgSyscalls {
  private static final int MSG_STAT = 11;
  private static final int MSG_INFO = 12;
  private static final int MSG_STAT_ANY = 13;
  private static final int MSQID_DS = 120;
  private static final int MSGINFO = 32;
  private static final int IPC_NOWAIT = 04000;

  private MsgSyscalls() {}

  static void register(SyscallTable table) {
    MsgSyscalls calls = new MsgSyscalls();
    table.supported(Syscall.MSGGET, calls::msgget);
    table.supported(Syscall.MSGSND, calls::msgsnd);
    table.supported(Syscall.MSGRCV, calls::msgrcv);
    table.supported(Syscall.MSGCTL, calls::msgctl);
  }

  private static IpcTable<MessageSet> table(Task task) {
    return IpcNamespace.of(task).messages();
  }

  long msgget(Task task, SyscallArgs args) throws ErrnoException {
    return table(task)
        .get(
            task.credentials(),
            args.intAt(0),
            args.intAt(1),
            queue -> {},
            (id, sequence) ->
                new MessageSet(
                    id,
                    sequence,
                    args.intAt(0),
                    args.intAt(1),
                    task.credentials(),
                    IpcStructs.seconds(task),
                    limit(task, Sysctl.MSGMNB)));
  }

  long msgsnd(Task task, SyscallArgs args) throws ErrnoException {
    long size = args.longAt(2);
    if (size < 0 || size > limit(task, Sysctl.MSGMAX) || args.intAt(0) < 0) {
      return -Errno.EINVAL;
    }
    byte[] bytes = task.memory().readBytes(args.addressAt(1), Long.BYTES + (int) size);
    long type = new StructReader(bytes).longAt(0);
    if (type < 1) {
      return -Errno.EINVAL;
    }
    MessageSet queue = table(task).byId(args.intAt(0));
    if (!queue.allows(task.credentials(), IpcStructs.WRITE)) {
      return -Errno.EACCES;
    }
    MessageSet.Message message =
        new MessageSet.Message(type, Arrays.copyOfRange(bytes, Long.BYTES, bytes.length));
    if ((args.intAt(3) & IPC_NOWAIT) != 0) {
      return queue.send(message, task.group().tgid(), IpcStructs.seconds(task));
    }
    if (!Slab.MESSAGE_BYTE.take(message.size())) {
      return -Errno.ENOMEM;
    }
    return new MessageSend(task, queue, message).on(queue.queue(), Events.WRITABLE).park();
  }

  /** A msgsnd(2) that may wait: the message is charged for meanwhile, and by the queue then. */
  private static final class MessageSend extends Wait {
    private final MessageSet queue;
    private final MessageSet.Message message;

    MessageSend(Task task, MessageSet queue, MessageSet.Message message) {
      super(task);
      this.queue = queue;
      this.message = message;
    }

    @Override
    protected long attempt() {
      return queue.send(message, task().group().tgid(), IpcStructs.seconds(task()));
    }

    @Override
    protected long interrupted() {
      return Results.ERESTARTNOHAND;
    }

    @Override
    protected void finished() {
      Slab.MESSAGE_BYTE.give(message.size());
    }
  }

  long msgrcv(Task task, SyscallArgs args) throws ErrnoException {
    long size = args.longAt(2);
    int flags = args.intAt(4);
    if (size < 0 || args.intAt(0) < 0) {
      return -Errno.EINVAL;
    }
    if ((flags & MessageSet.MSG_COPY) != 0
        && ((flags & MessageSet.MSG_EXCEPT) != 0 || (flags & IPC_NOWAIT) == 0)) {
      return -Errno.EINVAL;
    }
    MessageSet queue = table(task).byId(args.intAt(0));
    if (!queue.allows(task.credentials(), IpcStructs.READ)) {
      return -Errno.EACCES;
    }
    int room = (int) Math.min(size, Integer.MAX_VALUE);
    MessageReceive receive =
        new MessageReceive(task, queue, args.longAt(3), room, flags, args.addressAt(1));
    if ((flags & IPC_NOWAIT) != 0) {
      long result = receive.attempt();
      return result == Results.NOT_YET ? -Errno.ENOMSG : result;
    }
    return receive.on(queue.queue(), Events.READABLE).park();
  }

  /** A msgrcv(2) that may wait. */
  private static final class MessageReceive extends Wait {
    private final MessageSet queue;
    private final long type;
    private final int room;
    private final int flags;
    private final long address;

    MessageReceive(Task task, MessageSet queue, long type, int room, int flags, long address) {
      super(task);
      this.queue = queue;
      this.type = type;
      this.room = room;
      this.flags = flags;
      this.address = address;
    }

    @Override
    protected long attempt() {
      int pid = task().group().tgid();
      MessageSet.Found found = queue.receive(type, room, flags, pid, IpcStructs.seconds(task()));
      MessageSet.Message message = found.message();
      if (message == null) {
        return found.result();
      }
      int length = Math.min(room, message.data().length);
      long result = task().memory().storeLong(address, message.type());
      if (result == 0 && length > 0) {
        result = task().memory().copyOut(address + Long.BYTES, message.data(), 0, length);
      }
      return result < 0 ? result : length;
    }

    @Override
    protected long interrupted() {
      return Results.ERESTARTNOHAND;
    }
  }

  long msgctl(Task task, SyscallArgs args) throws ErrnoException {
    int command = args.intAt(1) & ~IpcStructs.IPC_64;
    long address = args.addressAt(2);
    switch (command) {
      case IpcStructs.IPC_INFO, MSG_INFO -> {
        info(task, command == MSG_INFO).copyOut(task.memory(), address);
        return table(task).highestIndex();
      }
      case IpcStructs.IPC_STAT, MSG_STAT, MSG_STAT_ANY -> {
        boolean byId = command == IpcStructs.IPC_STAT;
        MessageSet queue =
            byId ? table(task).byId(args.intAt(0)) : table(task).byIndex(args.intAt(0));
        if (command != MSG_STAT_ANY && !queue.allows(task.credentials(), IpcStructs.READ)) {
          return -Errno.EACCES;
        }
        stat(task, queue).copyOut(task.memory(), address);
        return byId ? 0 : queue.id();
      }
      case IpcStructs.IPC_SET, IpcStructs.IPC_RMID -> {
        return change(task, table(task).byId(args.intAt(0)), command, address);
      }
      default -> {
        return -Errno.EINVAL;
      }
    }
  }

  private long change(Task task, MessageSet queue, int command, long address)
      throws ErrnoException {
    if (!queue.isOwner(task.credentials())) {
      return -Errno.EPERM;
    }
    if (command == IpcStructs.IPC_RMID) {
      table(task).remove(queue);
      return 0;
    }
    StructReader struct = IpcStructs.read(task, address, MSQID_DS);
    long most = struct.longAt(88);
    if (Long.compareUnsigned(most, limit(task, Sysctl.MSGMNB)) > 0
        && !task.credentials().hasCapability(Capability.SYS_RESOURCE)) {
      return -Errno.EPERM;
    }
    if (most < 0 || most > Integer.MAX_VALUE) {
      return -Errno.EINVAL;
    }
    IpcStructs.setOwner(task, queue, struct);
    queue.setMostBytes((int) most);
    return 0;
  }

  private static int limit(Task task, Sysctl setting) {
    return (int) IpcNamespace.setting(task, setting, 0);
  }

  private static StructWriter info(Task task, boolean used) {
    int queueBytes = limit(task, Sysctl.MSGMNB);
    int bytes = 0;
    int messages = 0;
    for (MessageSet queue : table(task).all()) {
      bytes += queue.state().bytes();
      messages += queue.state().count();
    }
    return new StructWriter(MSGINFO)
        .putInt(
            0, used ? table(task).all().size() : limit(task, Sysctl.MSGMNI) * (queueBytes / 1024))
        .putInt(4, used ? messages : queueBytes)
        .putInt(8, limit(task, Sysctl.MSGMAX))
        .putInt(12, queueBytes)
        .putInt(16, limit(task, Sysctl.MSGMNI))
        .putInt(20, 16)
        .putInt(24, used ? bytes : queueBytes)
        .putShort(28, 0xffff);
  }

  private static StructWriter stat(Task task, MessageSet queue) {
    MessageSet.State state = queue.state();
    return IpcStructs.putPermissions(task, new StructWriter(MSQID_DS), queue)
        .putLong(48, state.sendTime())
        .putLong(56, state.receiveTime())
        .putLong(64, queue.changeTime())
        .putLong(72, state.bytes())
        .putLong(80, state.count())
        .putLong(88, state.mostBytes())
        .putInt(96, task.pidNamespace().number(state.lastSender()))
        .putInt(100, task.pidNamespace().number(state.lastReceiver()));
  }
}
