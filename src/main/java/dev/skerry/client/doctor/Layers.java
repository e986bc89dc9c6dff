package dev.skerry.client.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The layers around a guest, read off the processes of a sandbox that runs. */
public final class Layers {
  private static final String SENTRY_CLASS = "dev.skerry.sentry.boot.Main";
  private static final String GOFER_CLASS = "dev.skerry.gofer.Main";

  /** CAP_KILL, SYS_CHROOT, SYS_PTRACE, SYS_NICE and SYS_RESOURCE (capabilities(7)). */
  private static final long SENTRY_CAPABILITIES =
      1L << 5 | 1L << 18 | 1L << 19 | 1L << 23 | 1L << 24;

  /** CHOWN, DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER, FSETID, SYS_CHROOT. */
  private static final long GOFER_CAPABILITIES = 0x1fL | 1L << 18;

  private static final String FILTERED = "2";
  private static final String REMEDY = "a defect: this layer must be there on every host";
  private static final List<String> NAMESPACES = List.of("user", "pid", "mnt", "net", "ipc", "uts");

  private final ProcessStatus monitor;
  private final List<ProcessStatus> guests = new ArrayList<>();
  private @Nullable ProcessStatus sentry;
  private @Nullable ProcessStatus gofer;

  private Layers(ProcessStatus monitor) {
    this.monitor = monitor;
  }

  /**
   * Looks at a running sandbox.
   *
   * @param state its state directory
   */
  public static List<Finding> probe(Path state) {
    try {
      Layers layers = new Layers(ProcessStatus.read(pid(state, "monitor=")));
      layers.sort(pid(state, "init="));
      return layers.findings();
    } catch (IOException | NumberFormatException e) {
      return List.of(
          Finding.missing("a sandbox's processes", String.valueOf(e.getMessage()), REMEDY));
    }
  }

  private static long pid(Path state, String key) throws IOException {
    for (String line : Files.readAllLines(state.resolve("pids"))) {
      if (line.startsWith(key)) {
        return Long.parseLong(line.substring(key.length()));
      }
    }
    throw new IOException("no " + key + " in " + state.resolve("pids"));
  }

  private void sort(long init) {
    for (ProcessStatus process : ProcessStatus.descendants(monitor.pid())) {
      if (process.commandLine().contains(SENTRY_CLASS)) {
        sentry = process;
      } else if (process.commandLine().contains(GOFER_CLASS)) {
        gofer = process;
      } else if (process.pid() != init) {
        guests.add(process);
      }
    }
  }

  private List<Finding> findings() {
    List<Finding> findings = new ArrayList<>();
    confined(findings, "guest", guests.isEmpty() ? null : guests.getFirst(), 0);
    confined(findings, "sentry", sentry, SENTRY_CAPABILITIES);
    confined(findings, "gofer", gofer, GOFER_CAPABILITIES);
    return findings;
  }

  private void confined(
      List<Finding> findings, String who, @Nullable ProcessStatus process, long allowed) {
    if (process == null) {
      findings.add(Finding.missing(who, "its process was not found", REMEDY));
      return;
    }
    boolean filtered = process.field("Seccomp").equals(FILTERED);
    add(
        findings,
        filtered,
        who + ": system call filter",
        who.equals("guest") ? "every call goes to the sentry" : "allow-list");
    add(findings, process.field("NoNewPrivs").equals("1"), who + ": no new privileges", "");
    long beyond = process.capabilities("CapEff") & ~allowed;
    boolean bounded = (process.capabilities("CapBnd") & ~allowed) == 0;
    add(
        findings,
        beyond == 0 && bounded,
        who + ": capabilities",
        allowed == 0 ? "none" : Long.bitCount(allowed) + ", in its own user namespace only");
    namespaces(findings, who, process);
    findings.add(user(who, process));
  }

  /**
   * The gofer of root's sandboxes has root's id, as files may be anyone's; the others never have.
   */
  private static Finding user(String who, ProcessStatus process) {
    String name = who + ": host user";
    if (!process.user().equals("0")) {
      return Finding.present(name, "uid " + process.user());
    }
    return who.equals("gofer")
        ? Finding.present(
            name, "root's id without root's capabilities, to serve every owner's files")
        : Finding.missing(name, "it is the host's root", REMEDY);
  }

  private void namespaces(List<Finding> findings, String who, ProcessStatus process) {
    List<String> shared = new ArrayList<>();
    try {
      ProcessStatus own = ProcessStatus.read(ProcessHandle.current().pid());
      for (String kind : NAMESPACES) {
        if (process.namespace(kind).equals(own.namespace(kind))) {
          shared.add(kind);
        }
      }
    } catch (IOException e) {
      findings.add(
          Finding.reduced(
              who + ": namespaces", "cannot be seen from here", "run doctor as root to see them"));
      return;
    }
    add(
        findings,
        shared.isEmpty(),
        who + ": namespaces",
        shared.isEmpty() ? "user, PID, mount, network, IPC, UTS of its own" : "shares " + shared);
  }

  private static void add(List<Finding> findings, boolean there, String name, String detail) {
    findings.add(there ? Finding.present(name, detail) : Finding.missing(name, detail, REMEDY));
  }
}
