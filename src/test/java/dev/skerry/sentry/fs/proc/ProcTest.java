package dev.skerry.sentry.fs.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.fs.GuestView;
import dev.skerry.sentry.fs.pipe.Pipe;
import dev.skerry.sentry.kernel.UtsNamespace;
import dev.skerry.sentry.usermem.ArrayBuffer;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.VirtualFileSystem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProcTest {
  /** What the host's /proc/PID may have and a guest's has not, and why. */
  private static final Map<String, String> ABSENT =
      Map.ofEntries(
          Map.entry("autogroup", "as without CONFIG_SCHED_AUTOGROUP"),
          Map.entry("clear_refs", "as without CONFIG_PROC_PAGE_MONITOR: it changes page tables"),
          Map.entry("fail-nth", "as without CONFIG_FAULT_INJECTION"),
          Map.entry("ksm_merging_pages", "as without CONFIG_KSM"),
          Map.entry("ksm_stat", "as without CONFIG_KSM"),
          Map.entry("latency", "as without CONFIG_LATENCYTOP"),
          Map.entry("make-it-fail", "as without CONFIG_FAULT_INJECTION"),
          Map.entry("map_files", "its links name host files"),
          Map.entry("pagemap", "as without CONFIG_PROC_PAGE_MONITOR: the sentry may not read it"),
          Map.entry("patch_state", "as without CONFIG_LIVEPATCH"),
          Map.entry("projid_map", "no project quotas"),
          Map.entry("seccomp_cache", "as without CONFIG_SECCOMP_CACHE_DEBUG"));

  private GuestView guest;

  @BeforeEach
  void setUp() throws ErrnoException {
    guest =
        new GuestView(
            (kernel, terminals) ->
                new ProcFileSystem(kernel, kernel.pids(), List.of("nodev\tproc", "nodev\ttmpfs")));
  }

  private static List<String> keys(String text) {
    List<String> keys = new ArrayList<>();
    for (String line : text.split("\n")) {
      keys.add(line.substring(0, line.indexOf(':')));
    }
    return keys;
  }

  private static String host(String path) throws IOException {
    return new String(Files.readAllBytes(Path.of(path)), StandardCharsets.ISO_8859_1);
  }

  @Test
  void everyFileOfTheHostsProcessesIsThereOrHasAReason() throws Exception {
    List<String> names = guest.list("/self");
    try (var files = Files.list(Path.of("/proc/self"))) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        assertTrue(names.contains(name) || ABSENT.containsKey(name), name);
      }
    }
    for (String name : names) {
      assertFalse(ABSENT.containsKey(name), name);
      assertFalse(guest.isMissing("/self/" + name), name);
    }
  }

  @Test
  void statusHasTheHostsLinesInTheirOrder() throws Exception {
    List<String> expected = keys(host("/proc/self/status"));
    expected.removeIf(key -> key.startsWith("x86_Thread"));
    List<String> actual = keys(guest.read("/self/status"));
    if (!expected.contains("Kthread")) {
      actual.remove("Kthread");
    }
    assertEquals(expected, actual);
  }

  @Test
  void statHasTheHostsFields() throws Exception {
    String[] expected = host("/proc/self/stat").split(" ");
    String[] actual = guest.read("/self/stat").split(" ");
    assertEquals(expected.length, actual.length);
    assertEquals("1", actual[0]);
    assertEquals("(init)", actual[1]);
    assertEquals("R", actual[2]);
    assertTrue(Long.parseLong(actual[22]) > 0, "virtual size");
    assertTrue(Long.parseLong(actual[23]) > 0, "resident pages");
  }

  @Test
  void limitsHaveTheHostsForm() throws Exception {
    String[] expected = host("/proc/self/limits").split("\n");
    String[] actual = guest.read("/self/limits").split("\n");
    assertEquals(expected.length, actual.length);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i].substring(0, 26), actual[i].substring(0, 26));
      assertEquals(expected[i].substring(68), actual[i].substring(68));
    }
  }

  @Test
  void rollupHasTheHostsForm() throws Exception {
    assertEquals(
        keys(host("/proc/self/smaps_rollup").lines().skip(1).reduce("", (a, b) -> a + b + "\n")),
        keys(guest.read("/self/smaps_rollup").lines().skip(1).reduce("", (a, b) -> a + b + "\n")));
  }

  @Test
  void memoryIsTheSandboxs() throws Exception {
    guest.kernel().setMemoryBytes(3L << 30);
    String text = guest.read("/meminfo");
    assertTrue(text.startsWith("MemTotal:        3145728 kB\n"), text);
    List<String> actual = keys(text);
    List<String> expected = keys(host("/proc/meminfo"));
    expected.retainAll(actual);
    assertEquals(expected, actual);
  }

  @Test
  void networkTablesHaveTheHostsHeadings() throws Exception {
    for (String name : List.of("dev", "tcp", "tcp6", "udp", "udp6", "raw", "route", "unix")) {
      String[] expected = host("/proc/self/net/" + name).split("\n");
      String[] actual = guest.read("/net/" + name).split("\n");
      assertEquals(expected[0].stripTrailing(), actual[0].stripTrailing(), name);
    }
    assertEquals(host("/proc/self/net/dev").split("\n")[1], guest.read("/net/dev").split("\n")[1]);
  }

  @Test
  void theSystemIsSkerry() throws Exception {
    String version = guest.read("/version");
    assertTrue(version.startsWith("Linux version " + UtsNamespace.RELEASE + " "), version);
    assertTrue(version.endsWith(UtsNamespace.VERSION + "\n"), version);
    assertEquals(UtsNamespace.RELEASE + "\n", guest.read("/sys/kernel/osrelease"));
    assertTrue(guest.read("/cpuinfo").startsWith("processor\t: 0\n"));
    assertTrue(guest.read("/stat").startsWith("cpu  "));
    assertEquals(2, guest.read("/uptime").split(" ").length);
    assertEquals(5, guest.read("/loadavg").split(" ").length);
  }

  /** C35. */
  @Test
  void fileSystemsAreTheRegisteredOnes() throws Exception {
    assertEquals("nodev\tproc\nnodev\ttmpfs\n", guest.read("/filesystems"));
  }

  @Test
  void mountsAreTheNamespaces() throws Exception {
    assertEquals("/mounts", "/" + guest.readlink("/mounts").replace("self/", ""));
    String line = guest.read("/mounts");
    assertTrue(line.contains(" / proc rw,relatime 0 0\n"), line);
    assertTrue(guest.read("/self/mountinfo").contains(" / / rw,relatime - proc "), line);
  }

  @Test
  void theHostNameCanBeSet() throws Exception {
    assertEquals(5, guest.write("/sys/kernel/hostname", "fresh"));
    assertEquals("fresh\n", guest.read("/sys/kernel/hostname"));
    assertEquals("fresh", guest.kernel().uts().hostName());
    assertEquals(Errno.EACCES, guest.errno(() -> guest.write("/sys/kernel/osrelease", "1")));
  }

  @Test
  void namesAndAdjustmentsCanBeSet() throws Exception {
    assertEquals(20, guest.write("/self/comm", "abcdefghijklmnopqrst"));
    assertEquals("abcdefghijklmno\n", guest.read("/1/comm"));
    assertEquals(3, guest.write("/self/oom_score_adj", "500"));
    assertEquals("500\n", guest.read("/self/oom_score_adj"));
    assertEquals(-Errno.EINVAL, guest.write("/self/oom_score_adj", "1001"));
  }

  @Test
  void descriptorsAreLinksToOpenFiles() throws Exception {
    OpenFileDescription status = guest.open("/self/status", OpenFlags.O_RDONLY);
    assertEquals(0, guest.task().files().install(status, true, 0));
    OpenFileDescription[] ends = Pipe.open(0, 0, 0, 0);
    guest.task().files().install(ends[0], false, 0);
    guest.task().files().install(ends[1], false, 0);
    assertEquals(List.of("0", "1", "2"), guest.list("/self/fd"));
    assertEquals("/1/status", guest.readlink("/self/fd/0"));
    assertTrue(guest.readlink("/self/fd/1").startsWith("pipe:["));
    assertEquals(0120500, guest.inode("/self/fd/1").stat().mode());
    assertEquals(0120300, guest.inode("/self/fd/2").stat().mode());
    assertTrue(guest.isMissing("/self/fd/3"));
    guest.call(() -> status.read(new ArrayBuffer(new byte[7])));
    String details = guest.read("/self/fdinfo/0");
    assertTrue(details.startsWith("pos:\t7\nflags:\t02"), details);
    assertEquals(2, guest.write("/self/fd/2", "hi"));
    byte[] two = new byte[2];
    assertEquals(2, guest.call(() -> ends[0].read(new ArrayBuffer(two))));
    assertEquals("hi", new String(two, StandardCharsets.ISO_8859_1));
  }

  @Test
  void aDirectoryStaysTheSameHoweverOftenItIsLookedUp() throws Exception {
    OpenFileDescription directory = guest.open("/self/task", OpenFlags.O_RDONLY);
    guest.list("/self/task");
    List<String> names = new ArrayList<>();
    long result =
        guest.call(() -> directory.readDirectory((name, ino, type, next) -> names.add(name)));
    assertEquals(0, result);
    assertEquals(List.of(".", "..", "1"), names);
    guest
        .task()
        .fs()
        .setCwd(
            guest.call(
                () ->
                    guest
                        .kernel()
                        .vfs()
                        .walk(guest.origin(), null, "/self", VirtualFileSystem.FOLLOW)));
    guest.read("/1/stat");
    assertEquals("/1", guest.readlink("/self/cwd"));
  }

  @Test
  void textIsMadeAnewAtTheBeginningAndKeptInBetween() throws Exception {
    OpenFileDescription file = guest.open("/sys/kernel/hostname", OpenFlags.O_RDONLY);
    byte[] bytes = new byte[3];
    guest.call(() -> file.read(new ArrayBuffer(bytes)));
    guest.kernel().uts().setHostName("another");
    byte[] rest = new byte[10];
    assertEquals(3, guest.call(() -> file.read(new ArrayBuffer(rest))));
    assertEquals("st\n", new String(rest, 0, 3, StandardCharsets.ISO_8859_1));
    assertEquals(0, guest.call(() -> file.read(new ArrayBuffer(rest))));
    file.seek(0, 0);
    assertEquals(8, guest.call(() -> file.read(new ArrayBuffer(rest))));
    file.drop();
  }

  @Test
  void nothingCanBeMadeHere() {
    VirtualFileSystem vfs = guest.kernel().vfs();
    assertEquals(Errno.ENOENT, guest.errno(() -> vfs.mkdir(guest.origin(), null, "/self/x", 0755)));
    assertEquals(
        Errno.ENOENT,
        guest.errno(() -> vfs.open(guest.origin(), null, "/x", OpenFlags.O_CREAT | 1, 0, 0)));
  }

  @Test
  void whoDoesNotExistIsNotFound() {
    assertTrue(guest.isMissing("/2"));
    assertTrue(guest.isMissing("/01"));
    assertTrue(guest.isMissing("/1/task/2"));
    assertTrue(guest.isMissing("/4294967297"));
  }
}
