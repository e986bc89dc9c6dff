package dev.skerry.sentry.boot;

import dev.skerry.abi.Signal;
import dev.skerry.control.ContainerSpec;
import dev.skerry.control.ExitRecord;
import dev.skerry.control.Reply;
import dev.skerry.control.Verdict;
import dev.skerry.hostos.Host;
import dev.skerry.sentry.fs.gofer.GoferConnection;
import dev.skerry.sentry.kernel.Kernel;
import dev.skerry.sentry.kernel.ThreadGroup;
import dev.skerry.sentry.platform.Platform;
import dev.skerry.sentry.platform.PlatformListener;
import dev.skerry.sentry.syscalls.Dispatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The one sandbox of this process, from the first request to the exit record. Its monitor guards
 * the fields; whatever may run guest calls is done without it.
 */
final class Sandbox implements PlatformListener {
  /** How long a sentry that has failed may take to say so. */
  private static final long FAILURE_NANOS = 1_500_000_000;

  private final Platform platform;
  private final Spool spool;
  private final Options options;
  private final int descriptors;
  private final GoferConnection gofer;
  private @Nullable ControlServer server;

  private @Nullable Kernel kernel;
  private @Nullable Dispatcher dispatcher;
  private @Nullable Container container;
  private @Nullable ExitRecord exit;
  private @Nullable Verdict verdict;
  private String reason = "";
  private boolean started;
  private long startedAt;

  /**
   * @param descriptors how many this process may have, and the gofer
   */
  Sandbox(Platform platform, Spool spool, Options options, int descriptors) {
    this.platform = platform;
    this.spool = spool;
    this.options = options;
    this.descriptors = descriptors;
    this.gofer =
        new GoferConnection(
            HostFds.FIRST_CHANNEL, options.channels(), () -> fail("the gofer has ended", null));
  }

  void serve(ControlServer control) {
    server = control;
    control.acceptLoop();
  }

  /** Tells a new client what it has missed. */
  void greet(ControlConnection connection) {
    ExitRecord ended;
    synchronized (this) {
      ended = exit;
    }
    if (ended != null) {
      connection.send(new Reply.Ended(ended, report()));
    }
  }

  private static Reply conflict(String message) {
    return new Reply.Failed(Reply.Failed.Kind.CONFLICT, "", message);
  }

  /** Prepares the container; a failure leaves things as they were. */
  synchronized Reply create(ContainerSpec spec) {
    if (container != null || verdict != null) {
      return conflict("created already");
    }
    try {
      Setup setup = Setup.of(spec, gofer, descriptors);
      Kernel made = setup.kernel();
      Container ready = Container.make(spec, setup, platform, spool, this::consumed);
      made.onFatal(why -> fail(why, null));
      made.onInitExit(this::initExited);
      spool.setLimit(spec.outputLimit(), (why, text) -> made.runQueue().add(() -> end(why, text)));
      if (spec.tasksMax() > 0) {
        made.tasks().setMost(spec.tasksMax());
      }
      dispatcher = Dispatcher.install(made, options.strace());
      made.start();
      watchDeadline(made, spec.wallDeadlineMillis());
      kernel = made;
      container = ready;
      return new Reply.Created(ready.warnings());
    } catch (ContainerException e) {
      return new Reply.Failed(
          Reply.Failed.Kind.INVALID, e.pointer(), Names.outside(String.valueOf(e.getMessage())));
    }
  }

  private void watchDeadline(Kernel made, long deadlineMillis) {
    if (deadlineMillis == 0) {
      return;
    }
    long left = deadlineMillis * 1_000_000 - made.clock().realtime();
    made.timeouts()
        .schedule(
            System.nanoTime() + Math.max(left, 0),
            () -> end(Verdict.WALL_TIMEOUT, "the wall deadline has passed"));
  }

  /**
   * Makes the start this caller's, who is told so before {@link #begin}: the end may come at once.
   */
  synchronized Reply start() {
    if (container == null) {
      return conflict("not created");
    }
    if (started || verdict != null) {
      return conflict("started already");
    }
    started = true;
    startedAt = System.nanoTime();
    return new Reply.Done();
  }

  /** Lets the first process run. */
  void begin() {
    Container ready;
    synchronized (this) {
      ready = container;
    }
    if (ready == null) {
      throw new IllegalStateException("not created");
    }
    platform.start(ready::begin, this);
    new Watchdog(options, System.err::print, why -> fail(why, null)).start();
  }

  Reply signal(int pid, int signal, boolean all) {
    Kernel running = running();
    if (running == null) {
      return conflict("not running");
    }
    if (!Signal.isValid(signal)) {
      return new Reply.Failed(Reply.Failed.Kind.INVALID, "/signal", "no signal " + signal);
    }
    if (!all) {
      return signalled(running.signalFromOutside(pid, signal), pid);
    }
    for (ThreadGroup group : running.tasks().groups().reversed()) {
      running.signalFromOutside(group.tgid(), signal);
    }
    return new Reply.Done();
  }

  private static Reply signalled(long result, int pid) {
    return result == 0
        ? new Reply.Done()
        : new Reply.Failed(Reply.Failed.Kind.MISSING, "/pid", "no process " + pid);
  }

  /** The kernel while the program runs. */
  private synchronized @Nullable Kernel running() {
    return started && exit == null ? kernel : null;
  }

  Reply endRequested(Verdict wanted, String why) {
    end(wanted, why);
    return new Reply.Done();
  }

  /** Ends the run with a verdict of the outside's, unless it has one already. */
  void end(Verdict wanted, String why) {
    Kernel running;
    synchronized (this) {
      if (verdict != null || exit != null) {
        return;
      }
      verdict = wanted;
      reason = why;
      running = started ? kernel : null;
    }
    if (running == null) {
      finish(-1, 0, false, 0);
    } else {
      running.killAll();
    }
  }

  private void consumed(int bytes) {
    ControlServer control = server;
    if (control != null) {
      control.consumed(bytes);
    }
  }

  /** Returns false if the bytes are more than the credit allows. */
  boolean input(byte[] data) {
    Streams streams = streams();
    ControlServer control = server;
    if (streams == null || control == null) {
      return false;
    }
    control.inputTaken(data.length);
    boolean taken = streams.offer(data);
    drain();
    return taken;
  }

  void endInput() {
    Streams streams = streams();
    if (streams != null) {
      streams.end();
      drain();
    }
  }

  void resize(int rows, int columns) {
    Streams streams = streams();
    if (streams != null && rows > 0 && rows <= 0xffff && columns > 0 && columns <= 0xffff) {
      streams.resize(rows, columns);
      drain();
    }
  }

  private synchronized @Nullable Streams streams() {
    return container == null ? null : container.streams();
  }

  private void drain() {
    Kernel present;
    synchronized (this) {
      present = kernel;
    }
    if (present != null) {
      present.runQueue().drain();
    }
  }

  Reply.Report report() {
    Kernel present;
    Dispatcher calls;
    boolean running;
    synchronized (this) {
      present = kernel;
      calls = dispatcher;
      running = started;
    }
    if (present == null || calls == null) {
      return new Reply.Report(false, 0, List.of(), List.of());
    }
    List<Reply.SyscallCount> counts = new ArrayList<>();
    for (Dispatcher.Count row : calls.counts()) {
      counts.add(new Reply.SyscallCount(row.name(), row.count(), row.failed()));
    }
    List<Reply.Gap> gaps = new ArrayList<>();
    for (Dispatcher.Gap row : calls.gaps()) {
      gaps.add(new Reply.Gap(row.call(), row.detail(), row.count(), Names.outside(row.program())));
    }
    return new Reply.Report(running, present.tasks().liveCount(), counts, gaps);
  }

  /** What is kept for the guests. */
  Reply.Objects objects(boolean collect) {
    Kernel present;
    synchronized (this) {
      present = kernel;
    }
    if (collect) {
      System.gc();
    }
    return new Reply.Objects(present == null ? List.of() : ObjectCounts.of(present, platform));
  }

  private void initExited(int status) {
    Kernel present;
    synchronized (this) {
      present = kernel;
    }
    if (present == null) {
      return;
    }
    ThreadGroup init = present.init();
    int signal = status & 0x7f;
    int code = signal == 0 ? status >> 8 & 0xff : -1;
    long cpu = init.usage().cpu() + init.childrenUsage().cpu();
    finish(code, signal, init.isKilledByHost(), cpu);
  }

  private void finish(int code, int signal, boolean killedByHost, long cpu) {
    ExitRecord record;
    synchronized (this) {
      if (exit != null) {
        return;
      }
      Verdict own = signal == 0 ? Verdict.EXITED : Verdict.SIGNALED;
      long wall = started ? System.nanoTime() - startedAt : 0;
      record =
          new ExitRecord(
              verdict == null ? own : verdict, code, signal, reason, killedByHost, cpu, wall);
      exit = record;
    }
    spool.end(record);
    ControlServer control = server;
    if (control != null) {
      control.broadcastEnd(new Reply.Ended(record, report()));
    }
    if (options.recording()) {
      Runtime.getRuntime().halt(0);
    }
    Host.os().exit(0);
  }

  /**
   * Ends the sandbox because the sentry itself has failed, whatever locks are held: without an exit
   * record in the end, and then the service writes it.
   */
  void fail(String what, @Nullable Throwable cause) {
    Thread last = new Thread(Sandbox::haltSoon, "halt");
    last.setDaemon(true);
    last.start();
    System.err.println("fatal: " + what);
    if (cause != null) {
      cause.printStackTrace();
    }
    synchronized (this) {
      verdict = Verdict.INFRA_ERROR;
      reason = cause == null ? what : what + ": " + cause;
    }
    finish(-1, 0, false, 0);
  }

  private static void haltSoon() {
    long deadline = System.nanoTime() + FAILURE_NANOS;
    long left;
    while ((left = deadline - System.nanoTime()) > 0) {
      LockSupport.parkNanos(left);
    }
    Runtime.getRuntime().halt(1);
  }

  @Override
  public void violation(String attempt) {
    end(Verdict.POLICY_DENIED, "the guest tried to use the platform's own means: " + attempt);
  }

  @Override
  public void failure(Throwable cause) {
    fail("the sentry failed while it served a guest", cause);
  }

  @Override
  public void served() {
    Kernel present = kernel;
    if (present != null) {
      present.runQueue().drain();
    }
  }
}
