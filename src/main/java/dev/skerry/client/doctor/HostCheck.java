package dev.skerry.client.doctor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** All that can be found out without a sandbox. */
public final class HostCheck {
  private HostCheck() {}

  /**
   * @param home the directory of the installation, with {@code native/}
   */
  public static List<Finding> run(Path home) {
    List<Finding> findings = new ArrayList<>(Machine.probe());
    findings.addAll(KernelFeatures.probe(home.resolve("native/skerry-probe")));
    findings.addAll(Cgroups.probe());
    return findings;
  }
}
