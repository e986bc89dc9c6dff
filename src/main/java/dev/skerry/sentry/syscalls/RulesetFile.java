package dev.skerry.sentry.syscalls;

import dev.skerry.sentry.landlock.Ruleset;
import dev.skerry.sentry.vfs.AnonymousInodes;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.Stat;

/** A ruleset as a file (landlock_create_ruleset(2)). */
final class RulesetFile extends OpenFileDescription {
  private final Ruleset ruleset;

  RulesetFile(Ruleset ruleset) {
    super(OpenFlags.O_RDWR);
    this.ruleset = ruleset;
  }

  Ruleset ruleset() {
    return ruleset;
  }

  @Override
  protected void release() {
    ruleset.release();
  }

  @Override
  public String displayName() {
    return "anon_inode:[landlock-ruleset]";
  }

  @Override
  public Stat stat() {
    return AnonymousInodes.shared();
  }
}
