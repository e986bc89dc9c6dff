package dev.skerry.control;

import java.util.List;

/** What a sentry tells the service. */
public sealed interface Reply {
  /** The request was carried out. */
  record Done() implements Reply {}

  /**
   * The container is prepared.
   *
   * @param warnings what of its spec is not done
   */
  record Created(List<Warning> warnings) implements Reply {}

  /**
   * A part of the spec that is ignored.
   *
   * @param pointer JSON pointer of the field of the OCI spec
   */
  record Warning(String pointer, String detail) {}

  /**
   * The request was not carried out, and changed nothing.
   *
   * @param pointer JSON pointer of the offending field of the OCI spec; may be empty
   */
  record Failed(Kind kind, String pointer, String message) implements Reply {
    /** Whose fault it is. */
    public enum Kind {
      /** A field of the request is wrong (HTTP 400/422). */
      INVALID,
      /** The request does not fit the state (HTTP 409). */
      CONFLICT,
      /** What was named is not there: a process (HTTP 404). */
      MISSING,
      /** The sentry's own fault (HTTP 500). */
      INTERNAL
    }
  }

  /**
   * How much of standard input the guest has consumed. On each new connection the sentry says
   * first, in one Credit, how many bytes it can take; later ones give back what was consumed.
   */
  record Credit(int bytes) implements Reply {}

  /**
   * The run is over, and the spool's last frame, the exit record, is written. Sent to every
   * connection.
   *
   * @param report how the sandbox was at its end
   */
  record Ended(ExitRecord exit, Report report) implements Reply {}

  /**
   * How the sandbox is.
   *
   * @param started whether the first process runs or has run
   * @param tasks threads that live
   * @param syscalls calls served so far, by number and outcome
   * @param gaps calls that were refused because they are not there
   */
  record Report(boolean started, int tasks, List<SyscallCount> syscalls, List<Gap> gaps)
      implements Reply {}

  /** What the sentry keeps for its guests. */
  record Objects(List<ObjectCount> counts) implements Reply {}

  /**
   * @param name the kind of object, or of memory
   * @param count how many objects, or bytes, there are now
   */
  record ObjectCount(String name, long count) {}

  /**
   * @param name as in the system-call table
   * @param failed those that returned an error, among {@code count}
   */
  record SyscallCount(String name, long count, long failed) {}

  /**
   * A call, or a flag of one, that the sentry does not have.
   *
   * @param detail the flags or the command; may be empty
   * @param program the short name of the first program that used it
   */
  record Gap(String call, String detail, long count, String program) {}
}
