package dev.skerry.e2e;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasItem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the spec says about the first process and its machine, seen from inside. */
class ProcessSpecTest {
  private static ServiceProcess service;

  @BeforeAll
  static void start() throws IOException {
    service = ServiceProcess.start();
  }

  @AfterAll
  static void end() throws IOException, InterruptedException {
    service.close();
  }

  private static String output(SandboxRequest request) throws Exception {
    Run run = Run.of(service, request.wallTimeout(60));
    assertEquals("", run.errorText());
    assertEquals(0, run.status(), run.resource().prettify());
    return run.text();
  }

  /** C64: names, umask, working directory, HOME from the root's own passwd. */
  @Test
  void namesAndPlaces() throws Exception {
    String script = "uname -n; cat /proc/sys/kernel/domainname; umask; pwd; echo $HOME";
    assertEquals(
        "island\nsea\n0022\n/\n/root\n",
        output(
            SandboxRequest.shell(script)
                .specField("hostname", "island")
                .specField("domainname", "sea")));
    assertEquals(
        "skerry\n(none)\n0027\n/usr\n/there\n",
        output(
            SandboxRequest.shell(script)
                .environment("HOME=/there")
                .cwd("/usr")
                .processField("user", Map.of("uid", 0, "gid", 0, "umask", 027))));
  }

  /** C65: ids, more groups, capabilities; none of them for an ordinary user who was given none. */
  @Test
  void credentials() throws Exception {
    assertEquals(
        """
        33
        34
        34 5 6
        CapInh:\t0000000000000000
        CapPrm:\t0000000000000000
        CapEff:\t0000000000000000
        CapBnd:\t0000000000000001
        CapAmb:\t0000000000000000
        NoNewPrivs:\t1
        """,
        output(
            SandboxRequest.shell("id -u; id -g; id -G; grep -E '^Cap|^NoNew' /proc/self/status")
                .processField("user", Map.of("uid", 33, "gid", 34, "additionalGids", List.of(5, 6)))
                .processField("noNewPrivileges", true)
                .processField("capabilities", Map.of("bounding", List.of("CAP_CHOWN")))));
    String set = "CAP_KILL";
    assertEquals(
        """
        CapInh:\t0000000000000020
        CapPrm:\t0000000000000020
        CapEff:\t0000000000000020
        CapBnd:\t0000000000000020
        CapAmb:\t0000000000000020
        """,
        output(
            SandboxRequest.shell("grep ^Cap /proc/self/status")
                .user(33, 33)
                .processField(
                    "capabilities",
                    Map.of(
                        "bounding", List.of(set),
                        "effective", List.of(set),
                        "permitted", List.of(set),
                        "inheritable", List.of(set),
                        "ambient", List.of(set)))));
  }

  /** Limits are those of the spec. C63: fs.nr_open bounds the number of descriptors. */
  @Test
  void limits() throws Exception {
    String script =
        "ulimit -n; ulimit -Hn; ulimit -c; ulimit -s; ulimit -t; cat /proc/self/oom_score_adj";
    assertEquals(
        "100\n200\n0\n1024\n7\n100\n",
        output(
            SandboxRequest.shell(script)
                .processField("oomScoreAdj", 100)
                .processField(
                    "rlimits",
                    List.of(
                        Map.of("type", "RLIMIT_NOFILE", "soft", 100, "hard", 200),
                        Map.of("type", "RLIMIT_CORE", "soft", 0, "hard", 0),
                        Map.of("type", "RLIMIT_STACK", "soft", 1 << 20, "hard", 1 << 20),
                        Map.of("type", "RLIMIT_CPU", "soft", 7, "hard", 8)))));
    Map<String, Object> sysctl = Map.of("sysctl", Map.of("fs.nr_open", "512"));
    assertEquals(
        "512\n512\n",
        output(
            SandboxRequest.shell("ulimit -n; ulimit -Hn")
                .processField(
                    "rlimits", List.of(Map.of("type", "RLIMIT_NOFILE", "soft", 600, "hard", 700)))
                .specField("linux", sysctl)));
    for (String wrong : List.of("0", "-1", "x", "99999999999")) {
      Run.post(
              service,
              "/v1/sandboxes",
              SandboxRequest.of("/bin/true")
                  .specField("linux", Map.of("sysctl", Map.of("fs.nr_open", wrong))))
          .then()
          .statusCode(422)
          .body("errors.pointer", hasItem("/spec/linux/sysctl/fs.nr_open"));
    }
  }

  /** C30: with few descriptors, many more files than descriptors can still be looked at. */
  @Test
  void manyNames() throws Exception {
    String script = "for i in $(seq 1 400); do echo $i > /tmp/$i; done; cat /tmp/[0-9]* | wc -l";
    assertEquals(
        "400\n",
        output(
            SandboxRequest.shell(script)
                .mount("/tmp", "tmpfs", "tmpfs")
                .processField(
                    "rlimits", List.of(Map.of("type", "RLIMIT_NOFILE", "soft", 20, "hard", 20)))));
  }

  /** C62: memory as configured, and a tmpfs of half of it. */
  @Test
  void theMachine() throws Exception {
    long memory = 512L << 20;
    String text =
        output(
            SandboxRequest.shell("grep MemTotal /proc/meminfo; stat -f -c '%b %S' /t; nproc")
                .mount("/t", "tmpfs", "tmpfs")
                .memory(memory));
    String[] lines = text.split("\n");
    assertEquals("MemTotal: " + memory / 1024 + " kB", lines[0].replaceAll(" +", " "));
    assertEquals(memory / 4096 / 2 + " 4096", lines[1]);
    assertEquals(Runtime.getRuntime().availableProcessors(), Integer.parseInt(lines[2]));
  }

  /** C32: the program is looked for in PATH and from the working directory; the error names all. */
  @Test
  void theExecutable() throws Exception {
    assertEquals("x\n", output(SandboxRequest.of("echo", "x")));
    assertEquals("x\n", output(SandboxRequest.of("bin/echo", "x").cwd("/usr")));
    Run.post(
            service,
            "/v1/sandboxes",
            SandboxRequest.of("no-such-program").onlyEnvironment("PATH=/bin:/sbin").cwd("/usr"))
        .then()
        .statusCode(422)
        .body("errors.pointer", hasItem("/spec/process/args/0"))
        .body("detail", containsString("no-such-program"))
        .body("detail", containsString("/usr"))
        .body("detail", containsString("/bin:/sbin"));
    Run.post(service, "/v1/sandboxes", SandboxRequest.of("/etc/passwd"))
        .then()
        .statusCode(422)
        .body("detail", containsString("EACCES"));
    assertTrue(output(SandboxRequest.shell("echo $0")).endsWith("sh\n"));
  }
}
