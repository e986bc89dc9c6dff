package dev.skerry.service.lifecycle;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.skerry.control.Verdict;
import dev.skerry.oci.Problem;
import dev.skerry.oci.Problems;
import dev.skerry.service.config.DataDirectory;
import dev.skerry.service.config.SkerryConfig;
import dev.skerry.service.host.ControlGroups;
import dev.skerry.service.metrics.SandboxMeters;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PostConstruct;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** All sandboxes of this machine. */
@Startup
@Singleton
public class Sandboxes {
  private static final Logger LOG = Logger.getLogger(Sandboxes.class);
  private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
  private static final int ID_LENGTH = 20;

  /** How long a sentry may take to end a run that it is told to end. */
  static final Duration PATIENCE = Duration.ofSeconds(2);

  private final SkerryConfig config;
  private final DataDirectory data;
  private final Planner planner;
  private final Launcher launcher;
  private final ControlGroups groups;
  private final SandboxMeters meters;
  private final ObjectMapper mapper;
  private final SecureRandom random = new SecureRandom();
  private final Map<String, Sandbox> all = new ConcurrentHashMap<>();

  @Inject
  Sandboxes(
      SkerryConfig config,
      DataDirectory data,
      Planner planner,
      Launcher launcher,
      ControlGroups groups,
      SandboxMeters meters,
      ObjectMapper mapper) {
    this.config = config;
    this.data = data;
    this.planner = planner;
    this.launcher = launcher;
    this.groups = groups;
    this.meters = meters;
    this.mapper = mapper.copy().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
  }

  @PostConstruct
  void begin() {
    for (SandboxState state : SandboxState.values()) {
      meters.showState(state.lowerCase(), () -> count(state));
    }
    new Adoption(data.sandboxes(), mapper, meters, config.sandbox().startTimeout())
        .adoptAll()
        .forEach(sandbox -> all.put(sandbox.record().id(), sandbox));
  }

  private long count(SandboxState state) {
    return all.values().stream().filter(one -> one.record().state() == state).count();
  }

  /** The sandboxes, oldest first. */
  public List<Sandbox> list() {
    List<Sandbox> list = new ArrayList<>(all.values());
    list.sort(
        Comparator.comparing((Sandbox one) -> one.record().settings().createdAt())
            .thenComparing(one -> one.record().id()));
    return list;
  }

  public Sandbox get(String id) throws SandboxException {
    Sandbox found = find(id);
    if (found == null) {
      throw new SandboxException(SandboxException.Kind.MISSING, "there is no sandbox " + id);
    }
    return found;
  }

  public @Nullable Sandbox find(String id) {
    return all.get(id);
  }

  /**
   * Makes a sandbox and prepares its container.
   *
   * @param problems the warnings of the request's own checks are in it, and no errors
   */
  public Sandbox create(SandboxRequest request, Problems problems)
      throws SandboxException, InterruptedException {
    Sandbox sandbox = make(request, problems, false);
    try {
      sandbox.save();
      return sandbox;
    } catch (IOException e) {
      abandon(sandbox);
      throw new SandboxException("the record cannot be kept", e);
    }
  }

  /** The same, and lets the first process run. */
  public Sandbox run(SandboxRequest request, Problems problems)
      throws SandboxException, InterruptedException {
    return make(request, problems, true);
  }

  private Sandbox make(SandboxRequest request, Problems problems, boolean start)
      throws SandboxException, InterruptedException {
    groups.expectMoves();
    String id = newId();
    Instant now = Instant.now();
    Instant deadline = planner.deadline(request, now);
    ContainerPlan plan = planner.plan(id, request, deadline, problems);
    if (plan == null) {
      throw new SandboxException(
          SandboxException.Kind.INVALID, "the request cannot be carried out", problems.errors());
    }
    if (all.size() - count(SandboxState.STOPPED) >= config.limits().sandboxes()) {
      throw new SandboxException(
          SandboxException.Kind.BUSY,
          "there are as many sandboxes as are allowed: " + config.limits().sandboxes());
    }
    SandboxSettings settings =
        new SandboxSettings(
            request.labels(),
            request.rootfs(),
            request.spec().process().terminal(),
            plan.container().outputLimit(),
            now,
            deadline,
            problems.warnings());
    SandboxFiles files = new SandboxFiles(data.sandboxes().resolve(id), mapper);
    Sandbox sandbox =
        new Sandbox(
            files, SandboxRecord.creating(id, settings), meters, config.sandbox().startTimeout());
    all.put(id, sandbox);
    try {
      files.make();
      launch(sandbox, plan);
      sandbox.create(plan.container(), start);
      return sandbox;
    } catch (IOException e) {
      abandon(sandbox);
      throw new SandboxException("the sandbox could not be made: " + e.getMessage(), e);
    } catch (SandboxException | InterruptedException e) {
      abandon(sandbox);
      throw e;
    }
  }

  private void launch(Sandbox sandbox, ContainerPlan plan)
      throws IOException, InterruptedException, SandboxException {
    long began = System.nanoTime();
    ControlGroups.Made made = groups.make(sandbox.record().id(), plan.limits());
    sandbox.change(now -> warnAbout(now.withCgroups(made.directories()), made));
    sandbox.save();
    launcher.launch(sandbox.files(), plan, made.directories());
    SandboxRecord identified = Remains.identify(sandbox.files(), sandbox.record());
    sandbox.change(now -> now.withProcesses(identified.monitor(), identified.init()));
    sandbox.connect();
    // The sentry is still starting, so the disk may take its time. What follows is lost with the
    // machine.
    sandbox.saveForGood();
    meters.phase(SandboxMeters.Phase.LAUNCH, Duration.ofNanos(System.nanoTime() - began));
  }

  private static SandboxRecord warnAbout(SandboxRecord record, ControlGroups.Made made) {
    if (made.missing().isEmpty()) {
      return record;
    }
    SandboxSettings old = record.settings();
    List<Problem> warnings = new ArrayList<>(old.warnings());
    warnings.add(
        new Problem(
            "/spec/linux/resources",
            "no limits by the host on "
                + String.join(", ", made.missing())
                + ": "
                + made.reason()));
    return record.withSettings(old.withWarnings(warnings));
  }

  /** Takes back a sandbox that no client has been told of. */
  private void abandon(Sandbox sandbox) {
    String id = sandbox.record().id();
    boolean interrupted = Thread.interrupted();
    try {
      sandbox.conclude(null, "the creation failed");
      Remains.kill(sandbox.files(), sandbox.record());
      sandbox.awaitCleaned();
      sandbox.files().delete();
    } catch (IOException e) {
      LOG.errorf(e, "%s could not be taken back", id);
    } catch (InterruptedException e) {
      interrupted = true;
    } finally {
      all.remove(id);
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Removes a sandbox and its files; one that runs only with force, and then it is ended first. */
  public void delete(String id, boolean force) throws SandboxException, InterruptedException {
    Sandbox sandbox = get(id);
    SandboxState state = sandbox.record().state();
    if (state == SandboxState.CREATING || (state == SandboxState.RUNNING && !force)) {
      throw new SandboxException(
          SandboxException.Kind.CONFLICT,
          "the sandbox is " + state.lowerCase() + "; force=true ends and deletes a running one");
    }
    if (state != SandboxState.STOPPED) {
      sandbox.end(Verdict.CANCELLED, "deleted", PATIENCE);
    }
    remove(sandbox);
  }

  /** Removes a sandbox that has ended. */
  void remove(Sandbox sandbox) throws SandboxException, InterruptedException {
    sandbox.awaitCleaned();
    try {
      sandbox.files().delete();
    } catch (IOException e) {
      throw new SandboxException("the sandbox's files cannot be removed", e);
    }
    all.remove(sandbox.record().id());
  }

  private String newId() {
    StringBuilder id = new StringBuilder(ID_LENGTH);
    for (int i = 0; i < ID_LENGTH; i++) {
      id.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
    }
    return id.toString();
  }
}
