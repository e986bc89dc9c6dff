package dev.skerry.sentry.auth;

import dev.skerry.sentry.ErrnoException;

/** A namespace of a kind of which the sandbox has only one content, so that it is only a number. */
public final class PlainNamespace extends Namespace {
  /** The first one of the kind. */
  public PlainNamespace(NamespaceKind kind) {
    super(kind);
  }

  private PlainNamespace(NamespaceKind kind, UserNamespace owner) throws ErrnoException {
    super(kind, owner);
  }

  @Override
  public Namespace unshare(UserNamespace newOwner) throws ErrnoException {
    return new PlainNamespace(kind(), newOwner);
  }
}
