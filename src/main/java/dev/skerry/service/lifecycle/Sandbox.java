package dev.skerry.service.lifecycle;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.skerry.control.ContainerSpec;
import dev.skerry.control.ExitRecord;
import dev.skerry.control.Reply;
import dev.skerry.control.Request;
import dev.skerry.control.Verdict;
import dev.skerry.oci.Problem;
import dev.skerry.service.host.ControlGroups;
import dev.skerry.service.metrics.SandboxMeters;
import dev.skerry.service.metrics.SyscallTally;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** One sandbox: its record, its connection, and what can be asked of it. */
public final class Sandbox {
  private static final Logger LOG = Logger.getLogger(Sandbox.class);
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration LAST_WORDS = Duration.ofSeconds(5);

  private final SandboxFiles files;
  private final SandboxMeters meters;
  private final Duration startTimeout;

  /** Held while the record goes to disk, so that an older one never replaces a newer. */
  private final ReentrantLock saving = new ReentrantLock();

  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private SandboxRecord record;

  /** Why the service ends the run, should the sentry not be able to say. */
  @GuardedBy("lock")
  private @Nullable ExitRecord intent;

  @GuardedBy("lock")
  private boolean startRequested;

  private volatile @Nullable ControlConnection connection;
  private final ReentrantLock inputTurn = new ReentrantLock(true);
  private final SyscallTally tally = new SyscallTally();
  private final AtomicBoolean concluding = new AtomicBoolean();
  private final CompletableFuture<Void> stopped = new CompletableFuture<>();
  private final CompletableFuture<Void> cleaned = new CompletableFuture<>();

  Sandbox(SandboxFiles files, SandboxRecord record, SandboxMeters meters, Duration startTimeout) {
    this.files = files;
    this.record = record;
    this.meters = meters;
    this.startTimeout = startTimeout;
    this.startRequested =
        record.state() == SandboxState.RUNNING || record.state() == SandboxState.STOPPED;
    if (record.state() == SandboxState.STOPPED) {
      concluding.set(true);
      stopped.complete(null);
      cleaned.complete(null);
    }
  }

  /** How it is now. */
  public SandboxRecord record() {
    lock.lock();
    try {
      return record;
    } finally {
      lock.unlock();
    }
  }

  public Path spool() {
    return files.spool();
  }

  public Path directory() {
    return files.directory();
  }

  SandboxFiles files() {
    return files;
  }

  SandboxRecord change(UnaryOperator<SandboxRecord> step) {
    lock.lock();
    try {
      record = step.apply(record);
      return record;
    } finally {
      lock.unlock();
    }
  }

  /** Writes the record as it is now, so that the next service knows of it. */
  void save() throws IOException {
    save(false);
  }

  /** The same, so that it is known when the machine starts again. */
  void saveForGood() throws IOException {
    save(true);
  }

  private void save(boolean forGood) throws IOException {
    saving.lock();
    try {
      files.save(record(), forGood);
    } finally {
      saving.unlock();
    }
  }

  /**
   * Leaves nothing but the last record and what the run has put out; no other save is half done
   * then.
   */
  private void clear() throws IOException, InterruptedException {
    saving.lock();
    try {
      Remains.clear(files, record());
      files.save(record(), true);
    } finally {
      saving.unlock();
    }
  }

  /** Connects to the sentry. */
  void connect() throws IOException {
    connection = ControlConnection.open(files.directory(), record().id(), new EndListener());
  }

  /**
   * Has the container prepared.
   *
   * @param start whether the first process is to run then, without the sentry having to be asked
   *     again
   */
  void create(ContainerSpec spec, boolean start) throws SandboxException, InterruptedException {
    long before = System.nanoTime();
    CompletableFuture<Reply> created = ask(new Request.Create(spec), this::created);
    CompletableFuture<Reply> started = null;
    if (start) {
      lock.lock();
      try {
        startRequested = true;
      } finally {
        lock.unlock();
      }
      started = ask(new Request.Start(), this::started);
    }
    check(answer(created, startTimeout), "/spec", true);
    meters.phase(SandboxMeters.Phase.CREATE, Duration.ofNanos(System.nanoTime() - before));
    if (started != null) {
      awaitStart(started);
    }
  }

  private void created(Reply reply) {
    if (!(reply instanceof Reply.Created made)) {
      return;
    }
    change(
        now -> {
          List<Problem> warnings = new ArrayList<>(now.settings().warnings());
          made.warnings()
              .forEach(one -> warnings.add(new Problem("/spec" + one.pointer(), one.detail())));
          return now.withSettings(now.settings().withWarnings(warnings))
              .withState(SandboxState.CREATED);
        });
  }

  /** Lets the first process run. */
  public void start() throws SandboxException, InterruptedException {
    lock.lock();
    try {
      if (record.state() != SandboxState.CREATED || startRequested) {
        throw new SandboxException(
            SandboxException.Kind.CONFLICT,
            "only a created sandbox can be started, and only once; this one is "
                + record.state().lowerCase());
      }
      startRequested = true;
    } finally {
      lock.unlock();
    }
    awaitStart(ask(new Request.Start(), this::started));
  }

  private void started(Reply reply) {
    if (reply instanceof Reply.Done) {
      change(now -> now.started(Instant.now()));
    }
  }

  private void awaitStart(CompletableFuture<Reply> reply)
      throws SandboxException, InterruptedException {
    long before = System.nanoTime();
    check(answer(reply, startTimeout), "/spec", true);
    meters.phase(SandboxMeters.Phase.START, Duration.ofNanos(System.nanoTime() - before));
    try {
      save();
    } catch (IOException e) {
      throw new SandboxException("the record cannot be kept", e);
    }
  }

  /** Sends a signal to a guest process, or to all. */
  public void signal(int pid, int signal, boolean all)
      throws SandboxException, InterruptedException {
    requireRunning();
    Reply reply;
    try {
      reply = call(new Request.Signal(pid, signal, all), CALL_TIMEOUT);
    } catch (SandboxException unanswered) {
      // A signal that ends the run ends the sentry too, which may not have had time to answer.
      if (awaitStopped(LAST_WORDS)) {
        return;
      }
      throw unanswered;
    }
    check(reply, "", false);
  }

  private void requireRunning() throws SandboxException {
    SandboxState state = record().state();
    if (state != SandboxState.RUNNING) {
      throw new SandboxException(
          SandboxException.Kind.CONFLICT, "the sandbox is not running but " + state.lowerCase());
    }
  }

  /**
   * Ends the run. Asks the sentry first, which may know better: its exit record counts if it has
   * one.
   *
   * @param patience how long it may take before the processes are killed from outside
   */
  void end(Verdict verdict, String reason, Duration patience) throws InterruptedException {
    lock.lock();
    try {
      if (intent == null) {
        Instant began = record.startedAt();
        long wall = began == null ? 0 : Duration.between(began, Instant.now()).toNanos();
        intent = new ExitRecord(verdict, -1, 9, reason, false, 0, wall);
      }
    } finally {
      lock.unlock();
    }
    try {
      call(new Request.End(verdict, reason), patience);
      awaitStopped(patience);
    } catch (SandboxException deaf) {
      LOG.debugf("%s: %s", record().id(), deaf.getMessage());
    }
    if (!stopped.isDone()) {
      conclude(null, "the sentry did not end the run when it was told to");
    }
    awaitCleaned();
  }

  /** Standard input; waits until the guest takes it. Pieces of several clients do not mix. */
  public void input(byte[] data) throws IOException, InterruptedException {
    ControlConnection open = connection;
    if (open == null || record().state() == SandboxState.STOPPED) {
      throw new IOException("the sandbox takes no input any more");
    }
    inputTurn.lockInterruptibly();
    try {
      open.input(data);
    } finally {
      inputTurn.unlock();
    }
  }

  /** Ends standard input. */
  public void endInput() throws IOException, InterruptedException {
    inputTurn.lockInterruptibly();
    try {
      send(new Request.EndInput());
    } finally {
      inputTurn.unlock();
    }
  }

  /** The terminal's new size in characters. */
  public void resize(int rows, int columns) throws IOException, InterruptedException {
    send(new Request.Resize(rows, columns));
  }

  private void send(Request request) throws IOException, InterruptedException {
    ControlConnection open = connection;
    if (open == null) {
      throw new IOException("the sandbox has no sentry");
    }
    open.send(request);
  }

  /** Waits for the end. Returns whether it has come. */
  public boolean awaitStopped(Duration limit) throws InterruptedException {
    return await(stopped, limit);
  }

  /** Whether it has ended and nothing of it is left: the spool does not change any more. */
  public boolean isSettled() {
    return cleaned.isDone();
  }

  void awaitCleaned() throws InterruptedException {
    await(cleaned, CALL_TIMEOUT);
  }

  private static boolean await(CompletableFuture<Void> event, Duration limit)
      throws InterruptedException {
    try {
      event.get(limit.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Completed when the sandbox has ended. */
  public CompletableFuture<Void> stopped() {
    return stopped.copy();
  }

  /** What the sentry or the gofer have written more of than they should; null if nothing. */
  @Nullable String overgrown() {
    if (files.isLogOvergrown()) {
      return "log";
    }
    return files.isSpoolOvergrown(record().settings().outputLimit()) ? "spool" : null;
  }

  /** Asks the sentry how it is. Returns null if it does not say. */
  Reply.@Nullable Report query(Duration limit) throws InterruptedException {
    try {
      if (call(new Request.Query(), limit) instanceof Reply.Report report) {
        note(report);
        return report;
      }
    } catch (SandboxException silent) {
      LOG.debugf("%s: %s", record().id(), silent.getMessage());
    }
    return null;
  }

  /**
   * What the sentry keeps for the guests now.
   *
   * @param collect whether it collects its garbage first
   */
  public List<Reply.ObjectCount> objects(boolean collect)
      throws SandboxException, InterruptedException {
    Reply reply = call(new Request.Count(collect), CALL_TIMEOUT);
    check(reply, "", false);
    return reply instanceof Reply.Objects objects ? objects.counts() : List.of();
  }

  private void note(Reply.Report report) {
    synchronized (tally) {
      tally.add(report.syscalls(), meters);
    }
    long peak = ControlGroups.memoryPeak(record().cgroups());
    change(now -> now.withGaps(report.gaps()).withMemoryPeak(peak));
  }

  private Reply call(Request request, Duration limit)
      throws SandboxException, InterruptedException {
    return answer(ask(request, ignored -> {}), limit);
  }

  private CompletableFuture<Reply> ask(Request request, Consumer<Reply> first)
      throws SandboxException, InterruptedException {
    ControlConnection open = connection;
    if (open == null) {
      throw new SandboxException(SandboxException.Kind.CONFLICT, "the sandbox has ended");
    }
    try {
      return open.ask(request, first);
    } catch (IOException e) {
      throw silent(e);
    }
  }

  private Reply answer(CompletableFuture<Reply> reply, Duration limit)
      throws SandboxException, InterruptedException {
    try {
      return ControlConnection.await(reply, limit);
    } catch (IOException e) {
      throw silent(e);
    }
  }

  private SandboxException silent(IOException e) {
    String log = files.logTail();
    return new SandboxException(
        "the sandbox does not answer: "
            + e.getMessage()
            + (log.isEmpty() ? "" : "; its log: " + log),
        e);
  }

  private static void check(Reply reply, String prefix, boolean spec) throws SandboxException {
    if (!(reply instanceof Reply.Failed failed)) {
      return;
    }
    SandboxException.Kind kind =
        switch (failed.kind()) {
          case INVALID -> SandboxException.Kind.INVALID;
          case CONFLICT -> SandboxException.Kind.CONFLICT;
          // What a spec names and is not there makes the spec wrong, not the URL.
          case MISSING -> spec ? SandboxException.Kind.INVALID : SandboxException.Kind.MISSING;
          case INTERNAL -> SandboxException.Kind.INTERNAL;
        };
    List<Problem> problems =
        failed.pointer().isEmpty()
            ? List.of()
            : List.of(new Problem(prefix + failed.pointer(), failed.message()));
    throw new SandboxException(kind, failed.message(), problems);
  }

  private final class EndListener implements ControlConnection.Listener {
    @Override
    public void ended(ExitRecord exit, Reply.Report report) {
      note(report);
      conclude(exit, "");
    }

    @Override
    public void lost(String reason) {
      conclude(null, reason);
    }
  }

  /**
   * Begins the end, once; it goes on in a thread of its own.
   *
   * @param said what the sentry said last; null if nothing
   * @param circumstance how the end was noticed
   */
  void conclude(@Nullable ExitRecord said, String circumstance) {
    if (concluding.compareAndSet(false, true)) {
      Thread.ofVirtual()
          .name("end-" + record().id())
          .start(() -> runConclusion(said, circumstance));
    }
  }

  private void runConclusion(@Nullable ExitRecord said, String circumstance) {
    try {
      change(now -> now.withMemoryPeak(ControlGroups.memoryPeak(now.cgroups())));
      ExitRecord settled = said != null && !said.killedByHost() ? said : null;
      if (settled != null) {
        stop(settled, Instant.now());
      }
      Conclusion conclusion = new Conclusion(files, record());
      conclusion.endProcesses();
      Conclusion.Outcome outcome = conclusion.judge(said, intent(), circumstance);
      reportFirstOutput(outcome);
      if (settled == null) {
        stop(outcome.exit(), outcome.when());
      }
      clear();
    } catch (IOException e) {
      LOG.errorf(e, "%s has ended, but not without trouble", record().id());
      stop(
          new ExitRecord(Verdict.INFRA_ERROR, -1, 0, String.valueOf(e.getMessage()), false, 0, 0),
          Instant.now());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      ControlConnection open = connection;
      if (open != null) {
        open.close();
      }
      cleaned.complete(null);
    }
  }

  private @Nullable ExitRecord intent() {
    lock.lock();
    try {
      return intent;
    } finally {
      lock.unlock();
    }
  }

  /** The end, as clients see it. The first one counts. */
  private void stop(ExitRecord exit, Instant when) {
    if (stopped.isDone()) {
      return;
    }
    boolean known = record().state() != SandboxState.CREATING;
    change(now -> now.stopped(exit, when));
    if (known) {
      meters.ended(exit.verdict());
    }
    stopped.complete(null);
  }

  private void reportFirstOutput(Conclusion.Outcome outcome) {
    Instant began = record().startedAt();
    Instant output = outcome.firstOutput();
    if (began != null && output != null && output.isAfter(began)) {
      meters.phase(SandboxMeters.Phase.FIRST_OUTPUT, Duration.between(began, output));
    }
  }
}
