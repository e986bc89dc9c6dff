package dev.skerry.sentry.auth;

/** The five capability sets of a task (capabilities(7)), as 64-bit masks. */
public record CapabilitySets(
    long permitted, long effective, long inheritable, long bounding, long ambient) {
  /** Root's: all, none of them inherited. */
  public static final CapabilitySets ALL =
      new CapabilitySets(Capability.ALL, Capability.ALL, 0, Capability.ALL, 0);

  CapabilitySets withEffective(long newEffective) {
    return new CapabilitySets(permitted, newEffective, inheritable, bounding, ambient);
  }
}
