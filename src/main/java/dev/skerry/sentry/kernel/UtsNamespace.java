package dev.skerry.sentry.kernel;

import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Namespace;
import dev.skerry.sentry.auth.NamespaceKind;
import dev.skerry.sentry.auth.UserNamespace;
import dev.skerry.sentry.vfs.Changes;

/** The names that uname(2) tells. Linux: struct uts_namespace. */
public final class UtsNamespace extends Namespace {
  public static final String SYSNAME = "Linux";
  public static final String RELEASE = "6.12.0-skerry";
  public static final String VERSION = "#1 SMP Skerry";
  public static final String MACHINE = "x86_64";

  private volatile String hostName;
  private volatile String domainName;
  private final Changes hostNameChanges = new Changes();
  private final Changes domainNameChanges = new Changes();

  /** The sandbox's first one. */
  public UtsNamespace(String hostName) {
    super(NamespaceKind.UTS);
    this.hostName = hostName;
    this.domainName = "(none)";
  }

  private UtsNamespace(UtsNamespace original, UserNamespace owner) throws ErrnoException {
    super(NamespaceKind.UTS, owner);
    this.hostName = original.hostName;
    this.domainName = original.domainName;
  }

  /** With the same names. */
  @Override
  public UtsNamespace unshare(UserNamespace newOwner) throws ErrnoException {
    return new UtsNamespace(this, newOwner);
  }

  public String hostName() {
    return hostName;
  }

  public void setHostName(String name) {
    hostName = name;
    hostNameChanges.happened();
  }

  public Changes hostNameChanges() {
    return hostNameChanges;
  }

  public String domainName() {
    return domainName;
  }

  public void setDomainName(String name) {
    domainName = name;
    domainNameChanges.happened();
  }

  public Changes domainNameChanges() {
    return domainNameChanges;
  }
}
