package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.aio.AioContext;
import dev.skerry.sentry.aio.AioTable;
import dev.skerry.sentry.kernel.Results;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.Wait;
import dev.skerry.sentry.mm.MemoryManager;
import dev.skerry.sentry.platform.HostCall;
import dev.skerry.sentry.waiter.Events;
import java.util.List;

/** Asynchronous input and output (io_setup(2)): each operation is done when it is submitted. */
final class AioSyscalls {
  private static final int PAGE = 4096;
  private static final int PROT_READ = 1;
  private static final int MAP_PRIVATE = 2;
  private static final int MAP_ANONYMOUS = 0x20;
  private static final int EVENT_SIZE = 32;
  private static final int MOST_ASKED = 0x10000000 / EVENT_SIZE;

  /** Where an operation's block has its key, which is always zero (KIOCB_KEY). */
  private static final int KEY_OFFSET = 8;

  private final AioTable contexts = new AioTable();

  private AioSyscalls() {}

  static void register(SyscallTable table) {
    AioSyscalls calls = new AioSyscalls();
    table.supported(Syscall.IO_SETUP, calls::io_setup);
    table.supported(Syscall.IO_DESTROY, calls::io_destroy);
    table.partial(Syscall.IO_SUBMIT, calls::io_submit, "done at once; no IOCB_CMD_POLL");
    table.supported(Syscall.IO_GETEVENTS, calls::io_getevents);
    table.supported(Syscall.IO_PGETEVENTS, calls::io_pgetevents);
    table.supported(Syscall.IO_CANCEL, calls::io_cancel);
  }

  /**
   * A context is named by the address of a page, into which libaio looks for what Linux may have
   * there and need not. Comes with the registers: the page is a host call of its own.
   */
  long io_setup(Task task, SyscallArgs args) throws ErrnoException {
    int events = args.intAt(0);
    long address = args.addressAt(1);
    if (task.memory().readLong(address) != 0 || events == 0) {
      return -Errno.EINVAL;
    }
    if (events < 0 || events > MOST_ASKED) {
      return -Errno.EINVAL;
    }
    if (events > AioTable.MOST || !contexts.hasRoom(events)) {
      return -Errno.EAGAIN;
    }
    HostCall call =
        HostCall.of(Syscall.MMAP, 0, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    MemoryManager mm = task.mm();
    mm.mappingsChange();
    task.thread()
        .hostCalls(
            List.of(call),
            result -> {
              if (result < 0) {
                task.answer(-Errno.ENOMEM);
              } else if (task.memory().copyOut(address, bytes(result), 0, Long.BYTES) < 0) {
                unmap(task, result, -Errno.EFAULT);
              } else {
                contexts.add(mm, result, events);
                task.answer(0);
              }
            });
    return Results.PARKED;
  }

  private static byte[] bytes(long value) {
    byte[] bytes = new byte[Long.BYTES];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (value >>> (8 * i));
    }
    return bytes;
  }

  private static void unmap(Task task, long page, long answer) {
    task.mm().mappingsChange();
    task.thread()
        .hostCalls(
            List.of(HostCall.of(Syscall.MUNMAP, page, PAGE)), ignored -> task.answer(answer));
  }

  /** As {@link #io_setup}. */
  long io_destroy(Task task, SyscallArgs args) {
    long id = args.longAt(0);
    if (!contexts.remove(task.mm(), id)) {
      return -Errno.EINVAL;
    }
    unmap(task, id, 0);
    return Results.PARKED;
  }

  long io_submit(Task task, SyscallArgs args) throws ErrnoException {
    long count = args.longAt(1);
    AioContext context = contexts.find(task.mm(), args.longAt(0));
    if (count < 0 || context == null) {
      return -Errno.EINVAL;
    }
    long done = 0;
    // More than fit cannot be submitted, so this ends.
    for (; done < count; done++) {
      long result;
      try {
        long block = task.memory().readLong(args.addressAt(2) + done * Long.BYTES);
        result = AioOperation.submit(task, context, block);
      } catch (ErrnoException e) {
        result = e.result();
      }
      if (result < 0) {
        return done > 0 ? done : result;
      }
    }
    return done;
  }

  long io_getevents(Task task, SyscallArgs args) throws ErrnoException {
    return await(task, args);
  }

  long io_pgetevents(Task task, SyscallArgs args) throws ErrnoException {
    if (args.addressAt(5) != 0) {
      StructReader mask = new StructReader(task.memory().readBytes(args.addressAt(5), 16));
      PollSyscalls.useMask(task, mask.longAt(0), mask.longAt(8));
    }
    return await(task, args);
  }

  private long await(Task task, SyscallArgs args) throws ErrnoException {
    long least = args.longAt(1);
    long most = args.longAt(2);
    long address = args.addressAt(3);
    Long deadline = null;
    if (args.addressAt(4) != 0) {
      deadline = Times.deadline(Times.timespec(task.memory(), args.addressAt(4)));
    }
    AioContext context = contexts.find(task.mm(), args.longAt(0));
    if (context == null || least < 0 || most < least) {
      return -Errno.EINVAL;
    }
    Wait wait = new EventsWait(task, context, least, most, address);
    wait.on(context.queue(), Events.READABLE);
    if (deadline != null) {
      wait.until(deadline);
    }
    return wait.park();
  }

  /** Takes events as they come. */
  private static final class EventsWait extends Wait {
    private final AioContext context;
    private final long least;
    private final long most;
    private final long address;
    private long taken;

    EventsWait(Task task, AioContext context, long least, long most, long address) {
      super(task);
      this.context = context;
      this.least = least;
      this.most = most;
      this.address = address;
    }

    @Override
    protected long attempt() {
      while (taken < most) {
        AioContext.Event event = context.take();
        if (event == null) {
          break;
        }
        if (tell(event) < 0) {
          context.putBack(event);
          return taken > 0 ? taken : -Errno.EFAULT;
        }
        taken++;
      }
      if (taken >= least) {
        return taken;
      }
      return context.isDestroyed() ? ended(-Errno.EINVAL) : Results.NOT_YET;
    }

    private long tell(AioContext.Event event) {
      return new StructWriter(EVENT_SIZE)
          .putLong(0, event.data())
          .putLong(8, event.block())
          .putLong(16, event.result())
          .tryCopyOut(task().memory(), address + taken * EVENT_SIZE);
    }

    private long ended(long otherwise) {
      return taken > 0 ? taken : otherwise;
    }

    @Override
    protected long timedOut() {
      return taken;
    }

    @Override
    protected long interrupted() {
      return ended(-Errno.EINTR);
    }
  }

  /** There is never an operation that could still be cancelled. */
  long io_cancel(Task task, SyscallArgs args) throws ErrnoException {
    task.memory().readInt(args.addressAt(1) + KEY_OFFSET);
    return -Errno.EINVAL;
  }
}
