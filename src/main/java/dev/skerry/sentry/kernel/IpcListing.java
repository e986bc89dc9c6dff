package dev.skerry.sentry.kernel;

/** Lists the System V objects of a task's namespace, for /proc/sysvipc. */
@FunctionalInterface
public interface IpcListing {
  /** The kinds, in the names of their files. */
  enum Kind {
    SHM,
    SEM,
    MSG
  }

  /**
   * The text of a file (proc(5)).
   *
   * @param reader whose namespaces count
   */
  String list(Task reader, Kind kind);
}
