package dev.skerry.sentry.platform;

/** What a platform tells of beside the entries of its threads. */
public interface PlatformListener {
  /**
   * A guest tried to use the platform's own means; the sandbox must end, and the attempt be named.
   */
  void violation(String attempt);

  /** The sentry itself failed while it served a guest; the sandbox must end. */
  void failure(Throwable cause);

  /** Runs after each entry was served, without locks. */
  void served();
}
