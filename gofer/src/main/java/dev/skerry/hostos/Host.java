package dev.skerry.hostos;

import org.jspecify.annotations.Nullable;

/** Where the process gets its host calls from. */
public final class Host {
  private static volatile @Nullable HostOs os;

  private Host() {}

  /** The host: the real one, unless a test has put another in its place. */
  public static HostOs os() {
    HostOs installed = os;
    return installed != null ? installed : Real.HOST;
  }

  /** Replaces the host, for tests. */
  public static void install(HostOs other) {
    os = other;
  }

  /** Loads the native library on first use. */
  private static final class Real {
    static final HostOs HOST = new LinuxHost();
  }
}
