package dev.skerry.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ordinary programs, and the roots that they run on. */
class ProgramsTest {
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

  private static String output(SandboxRequest request) throws Exception {
    Run run = Run.of(service, request.wallTimeout(100));
    assertEquals("", run.errorText());
    assertEquals(0, run.status(), run.resource().prettify());
    return run.text();
  }

  private static Path busyboxRoot(String name) throws IOException {
    Path root = directory.resolve(name);
    Files.createDirectories(root.resolve("bin"));
    Files.copy(Path.of("/bin/busybox"), root.resolve("bin/busybox"));
    root.resolve("bin/busybox").toFile().setExecutable(true, false);
    Files.createSymbolicLink(root.resolve("bin/sh"), Path.of("busybox"));
    return root;
  }

  /** C1, C14, C15, C24: what is missing is made, and the host's tree is as before. */
  @Test
  void aRootWithNothingButBusybox() throws Exception {
    Path root = busyboxRoot("bare");
    String script =
        """
        export PATH=/bin; b=busybox
        $b ls / | $b tr '\\n' ' '; echo
        echo a b c | $b sed 's/b/x/' | ( read one rest; echo "$one-$rest" )
        ( exit 3 ); echo $?
        $b sleep 0.1 & wait $!; echo waited $?
        trap 'echo trapped' USR1; kill -USR1 $$
        $b cat <<END
        here $(( 6 * 7 ))
        END
        echo gone > /tmp/file; $b cat /tmp/file; $b stat -c %a /tmp
        """;
    String text =
        output(SandboxRequest.of("/bin/sh", "-c", script).directory(root.toString(), true));
    assertEquals("bin dev proc sys tmp \na-x c\n3\nwaited 0\ntrapped\nhere 42\ngone\n1777\n", text);
    try (var entries = Files.list(root)) {
      assertEquals(1, entries.count());
    }
  }

  @Test
  void aWritableRoot() throws Exception {
    Path root = busyboxRoot("writable");
    output(
        SandboxRequest.of("/bin/sh", "-c", "echo kept > /file").directory(root.toString(), false));
    assertEquals("kept\n", Files.readString(root.resolve("file")));
  }

  /** C13. */
  @Test
  void aReadOnlyRoot() throws Exception {
    Path root = busyboxRoot("read-only");
    Run run =
        Run.of(
            service,
            SandboxRequest.of(
                    "/bin/sh", "-c", "echo x > /file; echo $?; echo y > /tmp/file; echo $?")
                .directory(root.toString(), false)
                .readOnly());
    assertEquals("1\n0\n", run.text());
    assertTrue(run.errorText().contains("Read-only file system"), run.errorText());
    assertFalse(Files.exists(root.resolve("file")));
  }

  /** C19: writes to the machine's own root stay in the sandbox. */
  @Test
  void theHostsRootIsUnharmed() throws Exception {
    Path victim = directory.resolve("victim");
    Files.writeString(victim, "as before\n");
    String text =
        output(
            SandboxRequest.shell(
                "cat "
                    + victim
                    + "; echo changed > "
                    + victim
                    + "; cat "
                    + victim
                    + "; rm "
                    + victim
                    + "; ls "
                    + directory
                    + " | grep -c victim || true"));
    assertEquals("as before\nchanged\n0\n", text);
    assertEquals("as before\n", Files.readString(victim));
  }

  @Test
  void bash() throws Exception {
    String script =
        """
        set -e
        x=$(seq 1 5 | paste -sd+ | sed 's/$//'); echo $((x))
        mapfile -t a < <(printf '%s\\n' one two three); echo ${a[1]} ${#a[@]}
        printf '%s\\n' c a b | sort | tr '\\n' ' '; echo
        for i in 1 2 3; do (sleep 0.0$i; echo done $i) & done; wait
        seq 20 | xargs -P 4 -n 1 sh -c 'echo $0' | sort -n | tail -1
        mkdir -p /tmp/t/a/b; echo needle > /tmp/t/a/b/f; grep -r needle /tmp/t; find /tmp/t -type f
        tar -C /tmp -czf /tmp/t.tgz t; rm -r /tmp/t; tar -C /tmp -xzf /tmp/t.tgz; cat /tmp/t/a/b/f
        awk 'BEGIN { print 6 * 7 }'
        [[ -p <(:) ]] && echo pipe
        """;
    assertEquals(
        """
        15
        two 3
        a b c\s
        done 1
        done 2
        done 3
        20
        /tmp/t/a/b/f:needle
        /tmp/t/a/b/f
        needle
        42
        pipe
        """,
        output(SandboxRequest.of("/bin/bash", "-c", script).mount("/tmp", "tmpfs", "tmpfs")));
  }

  @Test
  void python() throws Exception {
    String script =
        """
        import subprocess, threading, os, json, re, tempfile
        total = []
        threads = [threading.Thread(target=lambda i=i: total.append(i)) for i in range(20)]
        [t.start() for t in threads]; [t.join() for t in threads]
        print(sum(total))
        print(subprocess.run(['sh', '-c', 'echo from a child; exit 3'], capture_output=True))
        with tempfile.TemporaryFile() as f:
            f.write(b'x' * 100000); f.seek(0); print(len(f.read()))
        print(os.waitstatus_to_exitcode(os.system('exit 4')))
        """;
    assertEquals(
        "190\n"
            + "CompletedProcess(args=['sh', '-c', 'echo from a child; exit 3'], returncode=3,"
            + " stdout=b'from a child\\n', stderr=b'')\n"
            + "100000\n4\n",
        output(SandboxRequest.of("python3", "-c", script)));
  }

  @Test
  void aCompiler() throws Exception {
    String script =
        """
        cd /tmp && printf '#include <stdio.h>\\nint main(void) { puts("compiled"); return 0; }\\n' > a.c
        for flags in '' -static '-static-pie' -no-pie; do gcc $flags -O1 -o a a.c && ./a; done
        """;
    assertEquals(
        "compiled\n".repeat(4),
        output(SandboxRequest.shell(script).mount("/tmp", "tmpfs", "tmpfs")));
  }

  /** C64. */
  @Test
  void itTellsOfSkerry() throws Exception {
    String text =
        output(
            SandboxRequest.shell("uname -a; cat /proc/version; hostname")
                .specField("hostname", "island"));
    assertTrue(text.startsWith("Linux island ") && text.endsWith("\nisland\n"), text);
    assertTrue(text.contains("kerry"), text);
  }
}
