package dev.skerry.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Guests that use the platform's own means; the programs are in {@code src/test/attack}. */
class AttacksTest {
  /** On a busy machine too; most are done in a second. */
  private static final int WALL_SECONDS = 600;

  private static ServiceProcess service;

  @TempDir static Path directory;

  @BeforeAll
  static void start() throws IOException {
    service = ServiceProcess.start();
  }

  @AfterAll
  static void end() throws IOException, InterruptedException {
    service.close();
  }

  /** The stub's host calls work for the sentry only, wherever the guest jumps in. */
  @Test
  void aJumpIntoTheStub() throws Exception {
    for (String attempt :
        new String[] {
          "getpid",
          "open",
          "hypercall",
          "handler",
          "other signal",
          "old action",
          "mask",
          "stack",
          "return"
        }) {
      denied("intruder", attempt);
    }
  }

  /** A program's rights come with the program: who only says that it is in place gets none. */
  @Test
  void anExecveThatNeverWas() throws Exception {
    denied("forged_exec");
  }

  /** Who traces a program has no more power over the stub than the program itself. */
  @Test
  void aTracerInTheStub() throws Exception {
    Run run = run("tracer");
    String expected =
        """
        before
        peek the code: EIO
        peek into it: EIO
        poke the code: EIO
        poke a slot: EIO
        read a slot: EFAULT
        write a slot: EFAULT
        open its memory: DONE
        read the code: EIO
        write the code: EIO
        send it there: EIO
        by one register: EIO
        map over the stub: ENOMEM
        unmap the stub: EINVAL
        make it writable: ENOMEM
        move it: EFAULT
        a hypercall: ENOSYS
        a return from no signal: ENOSYS
        """;
    assertEquals(expected, run.text());
    denied("tracer", "step");
  }

  /** A host process that the sentry was told does not exist is nobody's child. */
  @Test
  void aChildOfSomebodyElse() throws Exception {
    Run run = run("stolen_child");
    assertEquals("before\nkilled: each who lied\nno child was stolen\n", run.text());
  }

  /** A host process that nobody knows, and that makes no call, does not run until the end. */
  @Test
  void aChildThatIsHidden() throws Exception {
    Run run = run("hidden_child");
    assertEquals(
        "who has lied: signal 9\nhidden: it runs\nhidden: it has stopped\nothers: 0\n", run.text());
  }

  /** The host's root shows neither the service's token nor other sandboxes' output. */
  @Test
  void theServicesOwnFiles() throws Exception {
    String script =
        "cat DATA/token; ls -A DATA/sandboxes; echo end".replace("DATA", service.data().toString());
    Run run = Run.of(service, SandboxRequest.shell(script).wallTimeout(20));
    assertEquals("end\n", run.text());
  }

  /**
   * Five thousand of a thing, or an error that says that there are no more; never the sandbox's
   * end.
   */
  @Test
  void tooMuchOfOneThing() throws Exception {
    for (String what :
        new String[] {"socket", "large_pipe", "timer", "memory_file", "message_queue"}) {
      Run run = run("hog", what);
      assertEquals("exited", run.verdict(), what);
      assertEquals(0, run.resource().getInt("exit.exitCode"), what);
    }
  }

  /** As much as there is of a thing, until the bound of all small objects is reached. */
  @Test
  @Tag("long")
  void untilThereIsNoMore() throws Exception {
    for (String what :
        new String[] {
          "file", "pipe", "socket", "listing", "epoll_item", "semaphore_set", "chained_socket"
        }) {
      Run run = run("hog", what, "2000000");
      assertEquals("exited", run.verdict(), what);
      assertEquals(0, run.resource().getInt("exit.exitCode"), what);
      assertFalse(run.text().endsWith(", all\n"), run::text);
    }
  }

  /** Calls with arguments that are likely to be wrong; with more rounds, by hand, it finds more. */
  @Test
  @Tag("long")
  void wrongArguments() throws Exception {
    Run run = run("fuzz", "7", "0", "40");
    assertEquals("exited", run.verdict(), run.text());
    assertTrue(run.text().endsWith("40 rounds\n"), run::text);
  }

  private static void denied(String name, String... arguments) throws Exception {
    Run run = run(name, arguments);
    assertEquals("before\n", run.text(), name);
    assertEquals("policy_denied", run.verdict(), name);
    assertNotEquals("", run.resource().getString("exit.reason"), name);
  }

  private static Run run(String name, String... arguments) throws Exception {
    String[] words = new String[arguments.length + 1];
    words[0] = program(name).toString();
    System.arraycopy(arguments, 0, words, 1, arguments.length);
    return Run.of(
        service,
        SandboxRequest.of(words)
            .capabilities(
                List.of("CAP_SETUID", "CAP_SETGID", "CAP_DAC_OVERRIDE", "CAP_CHOWN", "CAP_KILL"))
            .wallTimeout(WALL_SECONDS),
        Duration.ofSeconds(WALL_SECONDS + 30));
  }

  private static Path program(String name) throws IOException, InterruptedException {
    Path program = directory.resolve(name);
    if (!Files.exists(program)) {
      Process compiler =
          new ProcessBuilder(
                  "gcc",
                  "-D_GNU_SOURCE",
                  "-O1",
                  "-mno-red-zone",
                  "-static",
                  // Out of the way of the programs that it pretends to execute.
                  "-Wl,-Ttext-segment=0x10000000",
                  "-Isentry-native/src",
                  "-o",
                  program.toString(),
                  "src/test/attack/" + name + ".c")
              .redirectErrorStream(true)
              .start();
      String complaint =
          new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, compiler.waitFor(), complaint);
    }
    return program;
  }
}
