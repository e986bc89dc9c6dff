package dev.skerry.service.lifecycle;

import java.util.Locale;

/** Where a sandbox is in its life; the runtime spec's states. */
public enum SandboxState {
  /** Being made; no client knows its id yet. */
  CREATING,
  /** Ready, the first process does not run yet. */
  CREATED,
  RUNNING,
  /** Ended, whatever way; its output and record are kept for a while. */
  STOPPED;

  /** The name as clients see it. */
  public String lowerCase() {
    return name().toLowerCase(Locale.ROOT);
  }
}
