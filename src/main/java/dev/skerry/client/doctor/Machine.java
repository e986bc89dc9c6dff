package dev.skerry.client.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What is not the kernel's: processor, JDK, memory. */
final class Machine {
  private static final int LEAST_JDK = 25;

  /** One sandbox of two JVMs with room for a small guest. */
  private static final long LEAST_MEMORY_MIB = 256;

  private Machine() {}

  static List<Finding> probe() {
    List<Finding> findings = new ArrayList<>();
    String version = System.getProperty("os.version", "");
    String architecture = System.getProperty("os.arch", "");
    findings.add(
        architecture.equals("amd64")
            ? Finding.present("x86-64", "Linux " + version)
            : Finding.missing(
                "x86-64", "this is " + architecture, "other processors are not supported"));
    int jdk = Runtime.version().feature();
    String jdkDetail = Runtime.version() + " in " + System.getProperty("java.home", "");
    findings.add(
        jdk >= LEAST_JDK
            ? Finding.present("JDK", jdkDetail)
            : Finding.missing("JDK", jdkDetail, "install JDK 25 or newer and set JAVA_HOME"));
    long available = availableMemory();
    findings.add(
        available >= LEAST_MEMORY_MIB
            ? Finding.present("memory", available + " MiB available")
            : Finding.missing(
                "memory",
                available + " MiB available",
                "a sandbox needs " + LEAST_MEMORY_MIB + " MiB"));
    return findings;
  }

  /** In MiB, as proc_meminfo(5) estimates it. */
  private static long availableMemory() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
        if (line.startsWith("MemAvailable:")) {
          String digits = line.replaceAll("[^0-9]", "");
          return Long.parseLong(digits) / 1024;
        }
      }
    } catch (IOException | NumberFormatException e) {
      return 0;
    }
    return 0;
  }
}
