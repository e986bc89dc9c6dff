package dev.skerry.e2e;

import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** What a spec mounts, and where; and that the host's own tree is as before. */
class MountsTest {
  private static ServiceProcess service;

  @TempDir static Path directory;

  private Path root;
  private Path source;

  @BeforeAll
  static void start() throws IOException {
    service = ServiceProcess.start();
  }

  @AfterAll
  static void end() throws IOException, InterruptedException {
    service.close();
  }

  /** A root with nothing but busybox, and something to bind. */
  @BeforeEach
  void makeTrees(TestInfo test) throws IOException {
    Path own = directory.resolve(test.getTestMethod().orElseThrow().getName());
    root = own.resolve("root");
    source = own.resolve("source");
    Files.createDirectories(root.resolve("bin"));
    Files.createDirectories(source.resolve("sub"));
    Files.copy(Path.of("/bin/busybox"), root.resolve("bin/busybox"));
    root.resolve("bin/busybox").toFile().setExecutable(true, false);
    for (String name :
        List.of(
            "sh", "ls", "cat", "mkdir", "rm", "mv", "stat", "grep", "mknod", "umount", "sort")) {
      Files.createSymbolicLink(root.resolve("bin").resolve(name), Path.of("busybox"));
    }
    Files.writeString(source.resolve("file"), "from the host\n");
  }

  /** A script in the root of this test. */
  private SandboxRequest script(boolean overlay, String script) {
    return SandboxRequest.of("/bin/sh", "-c", script)
        .onlyEnvironment("PATH=/bin")
        .directory(root.toString(), overlay)
        .wallTimeout(60);
  }

  private static String output(SandboxRequest request) throws Exception {
    Run run = Run.of(service, request);
    assertEquals("", run.errorText());
    assertEquals(0, run.status(), run.resource().prettify());
    return run.text();
  }

  /** The names in a directory. */
  private static String names(Path where) throws IOException {
    try (Stream<Path> entries = Files.list(where)) {
      return String.join(" ", entries.map(one -> one.getFileName().toString()).sorted().toList());
    }
  }

  private void assertRootIsAsBefore() throws IOException {
    assertEquals("bin", names(root));
  }

  /**
   * C5, C14: a bind is the gofer's; ro is EROFS, rw reaches the host, and no mount point is made
   * there.
   */
  @Test
  void binds() throws Exception {
    String text =
        output(
            script(
                    false,
                    "cat /ro/file /rw/deep/file; echo x 2>/dev/null > /ro/new || echo refused; echo"
                        + " y > /rw/deep/new; ls / /rw")
                .mount("/ro", "bind", source.toString(), "ro")
                .mount("/rw/deep", "bind", source.toString(), "rw", "rbind"));
    assertEquals(
        """
        from the host
        from the host
        refused
        /:
        bin
        dev
        proc
        ro
        rw
        sys
        tmp

        /rw:
        deep
        """,
        text);
    assertEquals("file new sub", names(source));
    assertEquals("y\n", Files.readString(source.resolve("new")));
    assertRootIsAsBefore();
  }

  /** C20, C21: an overlay on the root covers writable binds too, and single files. */
  @Test
  void bindsUnderAnOverlay() throws Exception {
    Path file = source.resolve("file");
    String text =
        output(
            script(
                    true,
                    "cat /one; echo more >> /one; cat /one; echo z > /d/new; ls /d; rm /d/file; ls"
                        + " /d; echo q 2>/dev/null > /r/new || echo refused; cat /r/file")
                .mount("/one", "bind", file.toString(), "rw")
                .mount("/d", "bind", source.toString())
                .mount("/r", "bind", source.toString(), "ro"));
    assertEquals(
        "from the host\nfrom the host\nmore\nfile\nnew\nsub\nnew\nsub\nrefused\nfrom the host\n",
        text);
    assertEquals("from the host\n", Files.readString(file));
    assertEquals("file sub", names(source));
  }

  /** A single file without an overlay: what is written is the host's. */
  @Test
  void aFileIsBound() throws Exception {
    Path file = source.resolve("file");
    String text =
        output(
            script(
                    false,
                    "cat /etc/one; echo new > /etc/one; ls /etc; rm /etc/one 2>/dev/null || echo"
                        + " busy")
                .mount("/etc/one", "bind", file.toString()));
    assertEquals("from the host\none\nbusy\n", text);
    assertEquals("new\n", Files.readString(file));
    assertRootIsAsBefore();
  }

  /**
   * C16, C17, C18: children before parents, in a read-only parent, and each shows its own files.
   */
  @Test
  void nestedMountsInAnyOrder() throws Exception {
    Path other = source.resolveSibling("other");
    Files.createDirectories(other);
    Files.writeString(other.resolve("other"), "");
    String text =
        output(
            script(
                    false,
                    "ls /a /a/b /a/b/c; echo x > /a/b/new && ls /a/b; mkdir /a/x 2>/dev/null ||"
                        + " echo ro")
                .mount("/a/b/c", "bind", source.toString(), "ro")
                .mount("/a/b", "tmpfs", "tmpfs", "size=1m")
                .mount("/a", "bind", other.toString(), "ro"));
    assertEquals("/a:\nb\nother\n\n/a/b:\nc\n\n/a/b/c:\nfile\nsub\nc\nnew\nro\n", text);
    assertEquals("other", names(other));
    assertRootIsAsBefore();
  }

  /** C2, C3: the spec's own proc, its path not clean, is there once, and what is below it shows. */
  @Test
  void theSpecsOwnProcAndSys() throws Exception {
    String text =
        output(
            script(
                    false,
                    "grep -c ' /proc proc ' /proc/mounts; grep -c ' /sys sysfs ' /proc/mounts; ls"
                        + " /proc/sys/kernel; cat /proc/sys/kernel/file; stat -c %a /sys")
                .mount("/proc/sys/kernel", "bind", source.toString(), "ro")
                .mount("//proc/./", "proc", "proc", "nosuid")
                .mount("/sys", "none", "none", "ro"));
    assertEquals("1\n1\nfile\nsub\nfrom the host\n555\n", text);
  }

  /** C1, C10, C15: what every container has, and the names of the devices. */
  @Test
  void theDefaultMounts() throws Exception {
    String text =
        output(
            script(
                    false,
                    "while read device place type rest; do echo $device $place $type; done <"
                        + " /proc/mounts | sort")
                .mount("/b", "bind", source.toString()));
    assertEquals(
        """
        9pfs-/ / 9p
        9pfs-/b /b 9p
        none /dev tmpfs
        none /dev/pts devpts
        none /proc proc
        none /sys sysfs
        none /sys/fs/cgroup cgroup2
        none /tmp tmpfs
        """,
        text);
    assertRootIsAsBefore();
  }

  /** C4: clashes are ignored with a warning; a name that only begins alike is not one. */
  @Test
  void devices() throws Exception {
    Run run =
        Run.of(
            service,
            script(
                    false,
                    "ls /dev/fd-foo; echo gone > /dev/null; cat /dev/null; [ -c /dev/zero ] && echo"
                        + " device; stat -f -c %b /dev/shm")
                .mount("/dev", "tmpfs", "tmpfs")
                .mount("/dev/null", "bind", source.resolve("file").toString())
                .mount("/dev/fd-foo", "bind", source.toString())
                .mount("/dev/shm", "tmpfs", "shm", "size=1m", "mode=1777"));
    assertEquals("file\nsub\ndevice\n256\n", run.text(), run.errorText());
    assertEquals(
        List.of("/spec/mounts/0/destination", "/spec/mounts/1/destination"),
        run.resource().getList("warnings.pointer").stream().sorted().toList());
    assertEquals("from the host\n", Files.readString(source.resolve("file")));
  }

  /** C6: the container starts without it, and the resource says so. */
  @Test
  void anUnknownType() throws Exception {
    Run run = Run.of(service, script(false, "ls -d /mq || true").mount("/mq", "mqueue", "mqueue"));
    assertEquals(0, run.status());
    assertEquals("", run.text());
    assertEquals(List.of("/spec/mounts/0/type"), run.resource().getList("warnings.pointer"));
  }

  /** C7, C8: options of a tmpfs, and of any mount. */
  @Test
  void options() throws Exception {
    Run run =
        Run.of(
            service,
            script(
                    false,
                    "stat -c '%a %u %g' /t; stat -f -c %b /t; echo x 2>/dev/null > /u/x || echo ro;"
                        + " echo x > /v/x && echo rw; cat /bin/busybox > /v/sh; busybox chmod 755"
                        + " /v/sh; /v/sh 2>/dev/null; echo $?; grep ' /v ' /proc/mounts | grep"
                        + " nosuid | grep noexec | grep -c noatime")
                .mount("/t", "tmpfs", "tmpfs", "mode=750", "uid=5", "gid=6", "size=64k")
                .mount("/u", "tmpfs", "tmpfs", "rw", "ro")
                .mount(
                    "/v",
                    "tmpfs",
                    "tmpfs",
                    "ro",
                    "rw",
                    "noexec",
                    "noatime",
                    "nosuid",
                    "huge=never"));
    assertEquals("750 5 6\n16\nro\nrw\n126\n1\n", run.text(), run.errorText());
    assertEquals(List.of("/spec/mounts/2/options/5"), run.resource().getList("warnings.pointer"));
    Run.post(service, "/v1/sandboxes", script(false, "").mount("/t", "tmpfs", "tmpfs", "size=1=2"))
        .then()
        .statusCode(422)
        .body("errors.pointer", hasItem("/spec/mounts/0/options/0"));
  }

  /** C13, C14: a read-only root gets its mount points, and no write gets through. */
  @Test
  void aReadOnlyRootWithMountsInIt() throws Exception {
    Run run =
        Run.of(
            service,
            script(
                    false,
                    "ls / /x/y; mkdir /z; mkdir /x/z; rm -r /x; mv /x /w; echo $?; cat /x/y/file")
                .readOnly()
                .mount("/x/y", "bind", source.toString(), "ro"));
    assertEquals(
        "/:\nbin\ndev\nproc\nsys\ntmp\nx\n\n/x/y:\nfile\nsub\n1\nfrom the host\n",
        run.text(),
        run.errorText());
    assertTrue(run.errorText().contains("Read-only file system"), run.errorText());
    assertRootIsAsBefore();
    assertEquals("file sub", names(source));
  }

  /** C14: what a guest does to mount points that are not there on a writable root. */
  @Test
  void mountPointsCannotBeMoved() throws Exception {
    String text =
        output(
            script(
                    false,
                    "cd /; for try in 'rm -r /x' 'mv /x /w' 'mkdir /x/z' 'mv /bin /x/bin' 'rm /f'"
                        + " 'mv /bin/sh /f'; do $try 2>/dev/null && echo $try; done; busybox ln /f"
                        + " /g 2>/dev/null && echo linked; cat /f; ls /x/y; umount /x/y; ls -a /x")
                .capabilities(List.of("CAP_SYS_ADMIN", "CAP_DAC_OVERRIDE"))
                .mount("/x/y", "bind", source.toString(), "ro")
                .mount("/f", "bind", source.resolve("file").toString(), "ro"));
    assertEquals("from the host\nfile\nsub\n.\n..\ny\n", text);
    assertRootIsAsBefore();
  }

  /** A mount below a symbolic link that leads nowhere yet, as /var/run does in bare images. */
  @Test
  void danglingLinksAreFollowedInsideTheRoot() throws Exception {
    Files.createDirectories(root.resolve("var"));
    Files.createSymbolicLink(root.resolve("var/run"), Path.of("../../../run"));
    Files.createSymbolicLink(root.resolve("var/loop"), Path.of("loop"));
    String text =
        output(
            script(false, "cat /run/secrets/file /var/run/secrets/file")
                .mount("/var/run/secrets", "bind", source.toString(), "ro"));
    assertEquals("from the host\nfrom the host\n", text);
    Run.post(service, "/v1/sandboxes", script(false, "").mount("/var/loop/x", "tmpfs", "tmpfs"))
        .then()
        .statusCode(422)
        .body("errors.pointer", hasItem("/spec/mounts/0"));
    assertEquals("bin var", names(root));
  }

  /** C24, C25, C26, C27, C28: /tmp. */
  @Test
  void temporaryFiles() throws Exception {
    String look = "stat -c %a /tmp; grep -c ' /tmp tmpfs' /proc/mounts; ls /tmp";
    assertEquals("1777\n1\n", output(script(false, look)));
    assertEquals("1777\n1\nx\n", output(script(false, look).mount("/tmp/x", "tmpfs", "tmpfs")));
    Files.createDirectory(root.resolve("tmp"));
    assertEquals("1777\n1\n", output(script(false, look)));
    assertEquals("", names(root.resolve("tmp")));
    assertEquals(
        "700\n1\n", output(script(false, look).mount("/tmp", "tmpfs", "tmpfs", "mode=700")));
    Files.writeString(root.resolve("tmp/here"), "");
    assertEquals("755\n0\nhere\n", output(script(false, look + " || true")));
    Files.delete(root.resolve("tmp/here"));
    Files.delete(root.resolve("tmp"));
    Files.writeString(root.resolve("tmp"), "a file\n");
    assertEquals("a file\n", output(script(false, "cat /tmp")));
  }

  /** C26: what is mounted in an empty /tmp makes it one that is not empty. */
  @Test
  void aMountInATemporaryDirectory() throws Exception {
    Files.createDirectory(root.resolve("tmp"));
    assertEquals(
        "0\nx\n",
        output(
            script(false, "grep -c ' /tmp tmpfs' /proc/mounts; ls /tmp")
                .mount("/tmp/x", "tmpfs", "tmpfs")));
    assertEquals("", names(root.resolve("tmp")));
  }

  /** C29. */
  @Test
  void devicesInTheTemporaryDirectory() throws Exception {
    assertEquals(
        "gone\n",
        output(
            script(false, "mknod /tmp/null c 1 3; echo x > /tmp/null; cat /tmp/null; echo gone")
                .capabilities(List.of("CAP_MKNOD"))));
  }

  /** The sentry, in a user namespace of its own, still tells who owns what it has open. */
  @Test
  void ownersOfFilesThatAreOpen() throws Exception {
    Path owned = root.resolve("owned");
    Files.writeString(owned, "");
    assertEquals(0, new ProcessBuilder("chown", "7:8", owned.toString()).start().waitFor());
    String script =
        "cat /owned /b/file; echo x >> /owned; echo y > /mine; exec 3<> /mine 4< /b/file; echo z"
            + " >&3; stat -c '%u %g' /owned /mine /b/file";
    for (boolean overlay : List.of(true, false)) {
      assertEquals(
          "from the host\n7 8\n0 0\n0 0\n",
          output(
              script(overlay, script)
                  .capabilities(List.of("CAP_DAC_OVERRIDE"))
                  .mount("/b", "bind", source.toString(), "ro")));
    }
  }

  /** C22: the root of an overlay looks like what is below it. */
  @Test
  void theOverlaysRootKeepsItsOwner() throws Exception {
    Files.setPosixFilePermissions(
        root, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-x--x"));
    assertEquals("751 0 0\n", output(script(true, "stat -c '%a %u %g' /")));
  }

  /** C23. */
  @Test
  void nothingButFilesAndDirectoriesUnderAnOverlay() throws Exception {
    Path fifo = source.resolve("fifo");
    assertEquals(0, new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor());
    Run.post(service, "/v1/sandboxes", script(true, "").mount("/f", "bind", fifo.toString()))
        .then()
        .statusCode(422)
        .body("errors.pointer", hasItem(startsWith("/spec/mounts/0")));
  }

  /** C31: mounts are made with root's rights, also where the user has none. */
  @Test
  void aUserWhoMayNothing() throws Exception {
    Files.createDirectories(root.resolve("closed"));
    Files.setPosixFilePermissions(
        root.resolve("closed"),
        java.nio.file.attribute.PosixFilePermissions.fromString("rwx------"));
    String text =
        output(
            script(false, "stat -c '%a %u' /open/t /open; ls /closed 2>/dev/null || echo closed")
                .user(1000, 1000)
                .capabilities(List.of())
                .mount("/open/t", "tmpfs", "tmpfs")
                .mount("/closed/t", "tmpfs", "tmpfs"));
    assertEquals("1777 0\n755 0\nclosed\n", text);
  }

  /** What is masked cannot be read, what is read-only not be written. */
  @Test
  void maskedAndReadonlyPaths() throws Exception {
    Files.createDirectories(root.resolve("data/secret"));
    Files.writeString(root.resolve("data/secret/key"), "key\n");
    Files.writeString(root.resolve("data/password"), "password\n");
    String text =
        output(
            script(
                    false,
                    "cat /data/password /proc/version; ls /data/secret; echo x 2>/dev/null >"
                        + " /data/new || echo ro; echo x 2>/dev/null > /data/secret/new || echo ro;"
                        + " echo x > /data2; ls /sys/fs/cgroup | grep -c memory.max")
                .specField(
                    "linux",
                    java.util.Map.of(
                        "maskedPaths",
                            List.of("/data/password", "/data/secret", "/proc/version", "/missing"),
                        "readonlyPaths", List.of("/data", "/sys", "/missing"))));
    assertEquals("ro\nro\n1\n", text);
    assertEquals("key\n", Files.readString(root.resolve("data/secret/key")));
    assertFalse(Files.exists(root.resolve("data/new")));
  }

  /** C35. */
  @Test
  void whatAGuestMayMount() throws Exception {
    String script =
        "mkdir /tmp/m; for type in devtmpfs proc sysfs tmpfs devpts 9p ext4; do busybox mount -t"
            + " $type none /tmp/m 2>/dev/null && { echo $type; umount /tmp/m; }; done; cat"
            + " /proc/filesystems | grep -c -E '9p|devpts|devtmpfs|overlay|proc|sysfs|tmpfs'";
    assertEquals(
        "devtmpfs\nproc\nsysfs\ntmpfs\n7\n",
        output(script(false, script).capabilities(List.of("CAP_SYS_ADMIN"))));
  }

  /** C50: on a root that can be written it is the guest's own; else the root stays as it is. */
  @Test
  void aWorkingDirectoryThatIsMissing() throws Exception {
    assertEquals("/w/d\n755 0\n", output(script(true, "pwd; stat -c '%a %u' .").cwd("/w/d")));
    assertRootIsAsBefore();
    assertEquals("/w/d\n", output(script(false, "pwd").readOnly().cwd("/w/d")));
    assertRootIsAsBefore();
    assertEquals("/w\n", output(script(false, "pwd; echo x > file").cwd("/w")));
    assertEquals("file", names(root.resolve("w")));
  }

  /** C11, C12 and the pointer of what is wrong. */
  @Test
  void whatCannotBeMounted() throws Exception {
    Run.post(service, "/v1/sandboxes", script(false, "").mount("/", "tmpfs", "tmpfs"))
        .then()
        .statusCode(422)
        .body("errors.pointer", hasItem("/spec/mounts/0/destination"));
    Run.post(service, "/v1/sandboxes", script(false, "").mount("/bin/busybox/x", "tmpfs", "tmpfs"))
        .then()
        .statusCode(422)
        .body("errors.pointer", hasItem("/spec/mounts/0"));
    Run.post(service, "/v1/sandboxes", script(false, "").mount("/x", "bind", source + "/missing"))
        .then()
        .statusCode(422)
        .body("errors.pointer", hasItem("/spec/mounts/0/source"));
  }
}
