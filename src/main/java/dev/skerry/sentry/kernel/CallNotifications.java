package dev.skerry.sentry.kernel;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.skerry.abi.Errno;
import dev.skerry.sentry.seccomp.CallFilter;
import dev.skerry.sentry.usermem.UserMemory;
import dev.skerry.sentry.vfs.AnonymousInodes;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.Stat;
import dev.skerry.sentry.waiter.Events;
import dev.skerry.sentry.waiter.WaitQueue;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Calls that a filter leaves to another process, as the file by which that one learns of them and
 * answers (seccomp_unotify(2)). Its monitor guards all. Linux: struct notification of
 * kernel/seccomp.c.
 */
public final class CallNotifications extends OpenFileDescription implements CallFilter.Listener {
  private static final int RECEIVE = 0xc050_2100;
  private static final int SEND = 0xc018_2101;
  private static final int ID_VALID = 0x4008_2102;
  private static final int ID_VALID_WRONG_DIR = 0x8008_2102;
  private static final int ADD_FD = 0x4000_2103;
  private static final int SET_FLAGS = 0x4008_2104;

  /** The bits of a request that are the size of its argument. */
  private static final int SIZE_MASK = 0x3fff_0000;

  private static final int SIZE_SHIFT = 16;

  /** SECCOMP_USER_NOTIF_FLAG_CONTINUE. */
  private static final int CONTINUE = 1;

  private static final int SYNC_WAKE_UP = 1;
  private static final int ADDFD_SETFD = 1;
  private static final int ADDFD_SEND = 2;

  /**
   * sizeof(struct seccomp_notif), of struct seccomp_notif_resp and of struct seccomp_notif_addfd.
   */
  public static final int NOTICE_SIZE = 80;

  public static final int REPLY_SIZE = 24;
  private static final int ADDFD_SIZE = 24;
  private static final int PAGE = 4096;

  private static final int AUDIT_ARCH_X86_64 = 0xc000_003e;
  private static final int O_RDWR = 2;

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final WaitQueue queue = new WaitQueue();
  private final boolean killableOnly;

  @GuardedBy("this")
  private final Map<Long, Asked> asked = new LinkedHashMap<>();

  @GuardedBy("this")
  private long lastId;

  @GuardedBy("this")
  private boolean closed;

  @GuardedBy("this")
  private boolean unused;

  /**
   * @param firstId where the numbers of calls begin
   * @param killableOnly whether a call that was received waits for its answer whatever signals come
   *     (SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV)
   */
  public CallNotifications(long firstId, boolean killableOnly) {
    super(O_RDWR);
    this.lastId = firstId;
    this.killableOnly = killableOnly;
  }

  private enum State {
    NEW,
    RECEIVED,
    REPLIED
  }

  /** A call that waits for its answer. */
  private final class Asked extends Wait {
    private final long id;
    private final int number;
    private final long[] arguments;
    private final long address;

    /** Guarded by the notifications' monitor. */
    private State state = State.NEW;

    private volatile boolean answered;
    private volatile boolean goesOn;
    private volatile long value;

    Asked(Task task, long id, int number, long[] arguments) {
      super(task);
      this.id = id;
      this.number = number;
      this.arguments = arguments;
      this.address = task.callAddress();
    }

    Task asker() {
      return task();
    }

    void reply(long result, boolean lets) {
      value = result;
      goesOn = lets;
      answered = true;
      woken();
    }

    /** The value itself may be any number, so that it goes another way. */
    @Override
    protected long attempt() {
      return answered ? 0 : Results.NOT_YET;
    }

    @Override
    protected boolean isInterruptible() {
      synchronized (CallNotifications.this) {
        return !killableOnly || state == State.NEW;
      }
    }

    @Override
    protected void conclude(long result) {
      if (!answered || result != 0) {
        super.conclude(result);
      } else if (goesOn) {
        task().entry().goOn(number, arguments);
      } else {
        super.conclude(value);
      }
    }

    @Override
    protected void finished() {
      synchronized (CallNotifications.this) {
        asked.remove(id);
      }
    }
  }

  /**
   * Leaves a call of the task's to whoever listens.
   *
   * @return as a system call; {@link Results#CONTINUE} if the call is to be served all the same
   */
  public long ask(Task task, int number, long[] arguments) {
    Asked call;
    synchronized (this) {
      if (closed) {
        return -Errno.ENOSYS;
      }
      call = new Asked(task, ++lastId, number, arguments.clone());
      asked.put(call.id, call);
    }
    queue.wake(Events.READABLE);
    long result = call.park();
    if (result == Results.PARKED || !call.answered || result != 0) {
      return result;
    }
    return call.goesOn ? Results.CONTINUE : plain(call.value);
  }

  /** Numbers that mean something to the sentry are nothing that a call returns. */
  private static long plain(long value) {
    return value == Results.PARKED || value == Results.CONTINUE ? -Errno.ENOSYS : value;
  }

  @Override
  protected void release() {
    List<Asked> left;
    synchronized (this) {
      closed = true;
      left = new ArrayList<>(asked.values());
    }
    for (Asked call : left) {
      call.reply(-Errno.ENOSYS, false);
    }
  }

  @Override
  public void unused() {
    synchronized (this) {
      unused = true;
    }
    queue.wake(Events.HUP);
  }

  @Override
  public String displayName() {
    return "anon_inode:seccomp notify";
  }

  @Override
  public Stat stat() {
    return AnonymousInodes.shared();
  }

  @Override
  public WaitQueue waitQueue() {
    return queue;
  }

  @Override
  public synchronized int poll() {
    int events = unused ? Events.HUP : 0;
    for (Asked call : asked.values()) {
      if (call.state != State.REPLIED) {
        events |= call.state == State.NEW ? Events.READABLE : Events.WRITABLE;
      }
    }
    return events;
  }

  @Override
  public long ioctl(UserMemory memory, int request, long argument) {
    Task task = Task.current();
    if (task == null) {
      return -Errno.EINVAL;
    }
    if ((request & ~SIZE_MASK) == ADD_FD) {
      return addDescriptor(task, argument, (request & SIZE_MASK) >>> SIZE_SHIFT);
    }
    return switch (request) {
      case RECEIVE -> receive(task, argument);
      case SEND -> send(task, argument);
      case ID_VALID, ID_VALID_WRONG_DIR -> {
        byte[] id = new byte[Long.BYTES];
        long read = memory.copyIn(argument, id, 0, id.length);
        yield read < 0 ? read : isWaiting((long) LONG.get(id, 0)) ? 0 : -Errno.ENOENT;
      }
      case SET_FLAGS -> (argument & ~SYNC_WAKE_UP) == 0 ? 0 : -Errno.EINVAL;
      default -> -Errno.EINVAL;
    };
  }

  private synchronized boolean isWaiting(long id) {
    Asked call = asked.get(id);
    return call != null && call.state == State.RECEIVED;
  }

  private long receive(Task task, long address) {
    byte[] room = new byte[NOTICE_SIZE];
    long read = task.memory().copyIn(address, room, 0, NOTICE_SIZE);
    if (read < 0) {
      return read;
    }
    for (byte one : room) {
      if (one != 0) {
        return -Errno.EINVAL;
      }
    }
    acquire();
    return new Receiving(task, address).on(queue, Events.READABLE | Events.HUP).park();
  }

  private final class Receiving extends Wait {
    private final long address;

    Receiving(Task task, long address) {
      super(task);
      this.address = address;
    }

    @Override
    protected long attempt() {
      Asked call = take();
      if (call == null) {
        synchronized (CallNotifications.this) {
          return unused ? -Errno.ENOENT : Results.NOT_YET;
        }
      }
      byte[] notice = new byte[NOTICE_SIZE];
      LONG.set(notice, 0, call.id);
      INT.set(notice, 8, task().pidNamespace().number(call.asker()));
      INT.set(notice, 16, call.number);
      INT.set(notice, 20, AUDIT_ARCH_X86_64);
      LONG.set(notice, 24, call.address);
      for (int i = 0; i < 6; i++) {
        LONG.set(notice, 32 + i * Long.BYTES, call.arguments[i]);
      }
      long written = task().memory().copyOut(address, notice, 0, NOTICE_SIZE);
      if (written < 0) {
        giveBack(call);
        return written;
      }
      queue.wake(Events.WRITABLE);
      return 0;
    }

    @Override
    protected void finished() {
      drop();
    }
  }

  private synchronized @Nullable Asked take() {
    for (Asked call : asked.values()) {
      if (call.state == State.NEW) {
        call.state = State.RECEIVED;
        return call;
      }
    }
    return null;
  }

  private void giveBack(Asked call) {
    synchronized (this) {
      if (call.state == State.RECEIVED) {
        call.state = State.NEW;
      }
    }
    queue.wake(Events.READABLE);
  }

  /** The call, if it was received and has no answer yet, and has one from now on if so wanted. */
  private synchronized long claim(long id, boolean replies) {
    Asked call = asked.get(id);
    if (call == null) {
      return -Errno.ENOENT;
    }
    if (call.state != State.RECEIVED) {
      return -Errno.EINPROGRESS;
    }
    if (replies) {
      call.state = State.REPLIED;
    }
    return 0;
  }

  private synchronized @Nullable Asked find(long id) {
    return asked.get(id);
  }

  private long send(Task task, long address) {
    byte[] reply = new byte[REPLY_SIZE];
    long read = task.memory().copyIn(address, reply, 0, REPLY_SIZE);
    if (read < 0) {
      return read;
    }
    long id = (long) LONG.get(reply, 0);
    long value = (long) LONG.get(reply, 8);
    int error = (int) INT.get(reply, 16);
    int flags = (int) INT.get(reply, 20);
    boolean lets = (flags & CONTINUE) != 0;
    if ((flags & ~CONTINUE) != 0 || (lets && (error != 0 || value != 0))) {
      return -Errno.EINVAL;
    }
    Asked call = find(id);
    long claimed = claim(id, true);
    if (claimed == 0 && call != null) {
      call.reply(error != 0 ? error : value, lets);
    }
    return claimed;
  }

  private long addDescriptor(Task task, long address, int size) {
    if (size < ADDFD_SIZE || size >= PAGE) {
      return -Errno.EINVAL;
    }
    byte[] wanted = new byte[size];
    long read = task.memory().copyIn(address, wanted, 0, size);
    if (read < 0) {
      return read;
    }
    for (int i = ADDFD_SIZE; i < size; i++) {
      if (wanted[i] != 0) {
        return -Errno.E2BIG;
      }
    }
    long id = (long) LONG.get(wanted, 0);
    int flags = (int) INT.get(wanted, 8);
    int target = (int) INT.get(wanted, 16);
    int descriptorFlags = (int) INT.get(wanted, 20);
    boolean chosen = (flags & ADDFD_SETFD) != 0;
    boolean replies = (flags & ADDFD_SEND) != 0;
    if ((descriptorFlags & ~OpenFlags.O_CLOEXEC) != 0
        || (flags & ~(ADDFD_SETFD | ADDFD_SEND)) != 0
        || (target != 0 && !chosen)) {
      return -Errno.EINVAL;
    }
    OpenFileDescription file = task.files().acquire((int) INT.get(wanted, 12));
    if (file == null) {
      return -Errno.EBADF;
    }
    Asked call = find(id);
    long claimed = claim(id, false);
    if (claimed < 0 || call == null) {
      file.drop();
      return claimed < 0 ? claimed : -Errno.ENOENT;
    }
    FdTable files = call.asker().files();
    boolean closes = descriptorFlags != 0;
    long fd = chosen ? files.installAt(target, file, closes) : files.install(file, closes, 0);
    if (fd >= 0 && replies && claim(id, true) == 0) {
      call.reply(fd, false);
    }
    return fd;
  }
}
