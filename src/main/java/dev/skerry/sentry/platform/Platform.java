package dev.skerry.sentry.platform;

/** A way to run guest code. Nothing above this package knows which one runs. */
public interface Platform {
  /**
   * Starts serving the guests' entries on threads of its own, and returns.
   *
   * @param first makes the program of the first guest thread, whose first entry is {@link
   *     Program#executed}
   * @param listener is told what the platform alone can see
   */
  void start(GuestThread.ChildFactory first, PlatformListener listener);

  /** Ends every guest process. */
  void killAll();

  /** How many guest threads are known to the platform. */
  int threads();

  /** The lowest address that guests may not map, up to {@link #reservedEnd}. */
  long reservedStart();

  long reservedEnd();
}
