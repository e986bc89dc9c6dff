package dev.skerry.client.doctor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The kernel's features, as the native prober has found them by use. */
final class KernelFeatures {
  private record Feature(String name, boolean needed, String remedy) {}

  private static final String SECCOMP_REMEDY =
      "needs CONFIG_SECCOMP_FILTER and Linux 6.6 or newer; in a container, allow seccomp(2) with"
          + " listeners";

  private static final Map<String, Feature> FEATURES =
      Map.of(
          "seccomp-notify",
          new Feature("seccomp user notification, WAIT_KILLABLE_RECV", true, SECCOMP_REMEDY),
          "seccomp-sync-wake-up",
          new Feature("seccomp notification with SYNC_WAKE_UP", true, SECCOMP_REMEDY),
          "seccomp-addfd",
          new Feature("seccomp notification with ADDFD", true, SECCOMP_REMEDY),
          "namespaces",
          new Feature(
              "user, PID, mount, network, IPC and UTS namespaces",
              true,
              "set user.max_user_namespaces and its siblings above 0 (sysctl); in a container, allow"
                  + " clone(2) with namespaces"),
          "user-namespaces-unprivileged",
          new Feature(
              "user namespaces for ordinary users",
              false,
              "only root can run sandboxes; for others set kernel.unprivileged_userns_clone=1 or"
                  + " kernel.apparmor_restrict_unprivileged_userns=0 (sysctl)"),
          "process-vm",
          new Feature(
              "process_vm_readv on guests",
              true,
              "set kernel.yama.ptrace_scope to 2 or less (sysctl), and enable CONFIG_CROSS_MEMORY_ATTACH"),
          "pidfd",
          new Feature("pidfd_open and pidfd_getfd", true, "needs Linux 5.6 or newer"),
          "openat2",
          new Feature("openat2 with RESOLVE_IN_ROOT", true, "needs Linux 5.6 or newer"),
          "memfd",
          new Feature("memory files with seals", true, "enable CONFIG_MEMFD_CREATE"),
          "unix-sockets",
          new Feature("unix sockets", true, "enable CONFIG_UNIX"));

  private KernelFeatures() {}

  /**
   * @param prober the program {@code skerry-probe}
   */
  static List<Finding> probe(Path prober) {
    List<Finding> findings = new ArrayList<>();
    try {
      Process process =
          new ProcessBuilder(prober.toString())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      for (String line : answer.split("\n")) {
        String[] words = line.split("\t", -1);
        Feature feature = FEATURES.get(words[0]);
        if (feature != null && words.length == 3) {
          findings.add(finding(feature, words[1].equals("yes"), words[2]));
        }
      }
      if (process.waitFor() != 0 || findings.size() != FEATURES.size()) {
        findings.add(Finding.missing("the prober", "it did not finish: " + prober, "build anew"));
      }
    } catch (IOException e) {
      findings.add(Finding.missing("the prober", String.valueOf(e.getMessage()), "build anew"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return findings;
  }

  private static Finding finding(Feature feature, boolean there, String detail) {
    if (there) {
      return Finding.present(feature.name(), "");
    }
    return feature.needed()
        ? Finding.missing(feature.name(), detail, feature.remedy())
        : Finding.reduced(feature.name(), detail, feature.remedy());
  }
}
