package dev.skerry.sentry.kernel;

/** The names that uname(2) tells. Linux: struct uts_namespace. */
public final class UtsNamespace {
  public static final String SYSNAME = "Linux";
  public static final String RELEASE = "6.12.0-skerry";
  public static final String VERSION = "#1 SMP Skerry";
  public static final String MACHINE = "x86_64";

  private volatile String hostName;
  private volatile String domainName = "(none)";

  public UtsNamespace(String hostName) {
    this.hostName = hostName;
  }

  public String hostName() {
    return hostName;
  }

  public void setHostName(String name) {
    hostName = name;
  }

  public String domainName() {
    return domainName;
  }

  public void setDomainName(String name) {
    domainName = name;
  }
}
