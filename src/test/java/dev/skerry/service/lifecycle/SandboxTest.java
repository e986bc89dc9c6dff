package dev.skerry.service.lifecycle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.skerry.control.ContainerSpec;
import dev.skerry.control.ExitRecord;
import dev.skerry.control.Reply;
import dev.skerry.control.Request;
import dev.skerry.control.SpoolFrame;
import dev.skerry.control.Verdict;
import dev.skerry.service.metrics.SandboxMeters;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class SandboxTest {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().registerModule(new JavaTimeModule());
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final ExitRecord DONE = new ExitRecord(Verdict.EXITED, 7, 0, "", false, 5, 6);

  private final SandboxMeters meters = new SandboxMeters(new SimpleMeterRegistry());

  @TempDir private Path parent;
  private SandboxFiles files;
  private FakeSentry sentry;
  private final List<Sandbox> connected = new ArrayList<>();

  @BeforeEach
  void begin() throws IOException {
    files = new SandboxFiles(parent.resolve("abc"), MAPPER);
    files.make();
    sentry = new FakeSentry(files.directory(), 1 << 16);
  }

  @AfterEach
  void end() throws IOException, InterruptedException {
    sentry.close();
    for (Sandbox sandbox : connected) {
      sandbox.awaitCleaned();
    }
  }

  private Sandbox sandbox() throws IOException {
    SandboxSettings settings =
        new SandboxSettings(
            Map.of("a", "b"),
            new RootFs(RootFs.Type.host, null, true),
            false,
            0,
            Instant.now(),
            Instant.now().plusSeconds(60),
            List.of());
    SandboxRecord record = Remains.identify(files, SandboxRecord.creating("abc", settings));
    assertNotNull(record.monitor());
    Sandbox sandbox = new Sandbox(files, record, meters, LIMIT);
    sandbox.save();
    return sandbox;
  }

  private Sandbox running() throws IOException, InterruptedException, SandboxException {
    Sandbox sandbox = connect(sandbox());
    sandbox.create(spec(), false);
    sandbox.start();
    return sandbox;
  }

  private Sandbox connect(Sandbox sandbox) throws IOException {
    sandbox.connect();
    connected.add(sandbox);
    return sandbox;
  }

  private List<Sandbox> adoptAll() {
    List<Sandbox> adopted = new Adoption(parent, MAPPER, meters, LIMIT).adoptAll();
    connected.addAll(adopted);
    return adopted;
  }

  private static ContainerSpec spec() {
    return new ContainerSpec(
        "abc",
        List.of("true"),
        List.of(),
        "/",
        0,
        0,
        18,
        List.of(),
        new ContainerSpec.Capabilities(0, 0, 0, 0, 0),
        false,
        List.of(),
        0,
        "",
        "",
        false,
        0,
        0,
        false,
        true,
        List.of(),
        List.of(),
        List.of(),
        0,
        0,
        0,
        0,
        0);
  }

  private ExitRecord exitOf(Sandbox sandbox) throws InterruptedException {
    assertTrue(sandbox.awaitStopped(LIMIT));
    sandbox.awaitCleaned();
    ExitRecord exit = sandbox.record().exit();
    assertNotNull(exit);
    return exit;
  }

  @Test
  void aWholeLife() throws Exception {
    Sandbox sandbox = running();
    assertEquals(SandboxState.RUNNING, sandbox.record().state());
    sentry.output(SpoolFrame.STDOUT, "hello".getBytes(StandardCharsets.UTF_8));
    sentry.exit(DONE);
    assertEquals(DONE, exitOf(sandbox));
    assertEquals(SandboxState.STOPPED, files.load().state());
    assertEquals(DONE, files.load().exit());
    assertFalse(Files.exists(files.directory().resolve("control.sock")));
    assertFalse(Files.exists(files.directory().resolve("pids")));
  }

  @Test
  void startTwiceIsAConflict() throws Exception { // C78
    Sandbox sandbox = running();
    SandboxException e = assertThrows(SandboxException.class, sandbox::start);
    assertEquals(SandboxException.Kind.CONFLICT, e.kind());
  }

  @Test
  void aRunIsStartedWithItsCreation() throws Exception {
    Sandbox sandbox = connect(sandbox());
    sandbox.create(spec(), true);
    assertEquals(SandboxState.RUNNING, sandbox.record().state());
    assertNotNull(sandbox.record().startedAt());
    assertThrows(SandboxException.class, sandbox::start);
  }

  @Test
  void whatCannotBeCreatedDoesNotRun() throws Exception {
    sentry.answer = request -> new Reply.Failed(Reply.Failed.Kind.CONFLICT, "", "no");
    Sandbox sandbox = connect(sandbox());
    assertThrows(SandboxException.class, () -> sandbox.create(spec(), true));
    assertEquals(SandboxState.CREATING, sandbox.record().state());
  }

  @Test
  void aSentrysComplaintNamesTheFieldOfTheRequest() throws Exception { // C32, C69
    sentry.answer =
        request ->
            new Reply.Failed(Reply.Failed.Kind.MISSING, "/process/args/0", "no such program: x");
    Sandbox sandbox = connect(sandbox());
    SandboxException e = assertThrows(SandboxException.class, () -> sandbox.create(spec(), false));
    assertEquals(SandboxException.Kind.INVALID, e.kind());
    assertEquals("/spec/process/args/0", e.problems().getFirst().pointer());
    assertEquals("no such program: x", e.problems().getFirst().detail());
  }

  @Test
  void inputKeepsToItsCredit() throws Exception {
    Sandbox sandbox = running();
    byte[] data = new byte[(1 << 20) + 17];
    for (int i = 0; i < data.length; i++) {
      data[i] = (byte) (i * 31);
    }
    Thread writer = Thread.ofPlatform().start(() -> send(sandbox, data));
    ByteArrayOutputStream got = new ByteArrayOutputStream();
    int seen = 0;
    while (got.size() < data.length) {
      List<Request> requests = new ArrayList<>(sentry.requests);
      int fresh = 0;
      for (; seen < requests.size(); seen++) {
        if (requests.get(seen) instanceof Request.Input input) {
          got.write(input.data());
          fresh += input.data().length;
        }
      }
      assertTrue(fresh <= 1 << 16, "more than the credit");
      if (fresh > 0) {
        sentry.tell(new Reply.Credit(fresh));
      }
      Thread.sleep(1);
    }
    writer.join();
    assertArrayEquals(data, got.toByteArray());
  }

  private static void send(Sandbox sandbox, byte[] data) {
    try {
      sandbox.input(data);
      sandbox.endInput();
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aSentryThatGoesWithoutAWordIsAnInfraError() throws Exception {
    Sandbox sandbox = running();
    sentry.output(SpoolFrame.STDOUT, new byte[10]);
    sentry.append(new byte[] {5, 0, 0}); // torn by the end
    Files.writeString(files.directory().resolve("log"), "a line\nthe last words\n");
    sentry.close();
    ExitRecord exit = exitOf(sandbox);
    assertEquals(Verdict.INFRA_ERROR, exit.verdict());
    assertTrue(exit.reason().contains("the last words"), exit.reason());
    SpoolEnd end = SpoolEnd.read(files.spool());
    assertEquals(exit, end.exit());
    assertEquals(2, end.lastSequence());
  }

  @Test
  void aProgramKilledByTheHostForWantOfMemoryIsOom() throws Exception {
    Sandbox sandbox = running();
    Files.writeString(files.memoryEvents(), "low 0\noom 1\noom_kill 1\n");
    sentry.exit(new ExitRecord(Verdict.SIGNALED, -1, 9, "", true, 1, 2));
    assertEquals(Verdict.OOM, exitOf(sandbox).verdict());
  }

  @Test
  void aProgramKilledByTheHostOtherwiseIsNot() throws Exception {
    Sandbox sandbox = running();
    sentry.exit(new ExitRecord(Verdict.SIGNALED, -1, 9, "", true, 1, 2));
    assertEquals(Verdict.SIGNALED, exitOf(sandbox).verdict());
  }

  @Test
  void aDeafSentryIsKilledAndTheVerdictIsTheServices() throws Exception {
    Sandbox sandbox = running();
    sentry.answer = request -> null;
    sandbox.end(Verdict.CANCELLED, "deleted", Duration.ofMillis(200));
    assertEquals(Verdict.CANCELLED, exitOf(sandbox).verdict());
  }

  @Test
  void nonsenseFromTheSentryEndsIt() throws Exception {
    Sandbox sandbox = running();
    sentry.tell(new Reply.Credit(-1));
    assertEquals(Verdict.INFRA_ERROR, exitOf(sandbox).verdict());
  }

  @Test
  void aRunningSandboxIsAdoptedAndGoesOn() throws Exception {
    running();
    List<Sandbox> adopted = adoptAll();
    assertEquals(1, adopted.size());
    Sandbox sandbox = adopted.getFirst();
    assertEquals(SandboxState.RUNNING, sandbox.record().state());
    sentry.exit(DONE);
    assertEquals(DONE, exitOf(sandbox));
    assertInstanceOf(Request.Query.class, sentry.requests.getLast());
  }

  @Test
  void oneThatEndedWithoutTheServiceIsReadFromItsSpool() throws Exception {
    Sandbox before = sandbox();
    before.change(now -> now.withState(SandboxState.CREATED).started(Instant.now()));
    before.save();
    sentry.exit(DONE);
    Sandbox sandbox = adoptAll().getFirst();
    assertEquals(DONE, exitOf(sandbox));
  }

  @Test
  void aHalfMadeOneIsCleanedUp() throws Exception {
    sandbox();
    Sandbox sandbox = adoptAll().getFirst();
    assertEquals(Verdict.INFRA_ERROR, exitOf(sandbox).verdict());
    assertFalse(Files.exists(files.directory().resolve("control.sock")));
  }

  @Test
  void aDirectoryWithoutARecordIsRemoved() throws Exception {
    Files.createDirectories(parent.resolve("stray"));
    sandbox();
    assertEquals(1, adoptAll().size());
    assertFalse(Files.exists(parent.resolve("stray")));
  }

  @Test
  void theSocketIsReachedHoweverLongItsPathIs() throws Exception {
    Path deep = parent.resolve("d".repeat(120));
    Files.createDirectories(deep);
    Files.createSymbolicLink(
        deep.resolve("control.sock"), files.directory().resolve("control.sock"));
    Sandbox sandbox =
        new Sandbox(new SandboxFiles(deep, MAPPER), sandbox().record(), meters, LIMIT);
    connect(sandbox);
    assertNotNull(sandbox.query(LIMIT));
  }
}
