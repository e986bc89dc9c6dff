package dev.skerry.sentry.platform;

import dev.skerry.sentry.usermem.UserMemory;
import java.util.List;

/** A host thread that runs guest code for one {@link Program}. */
public interface GuestThread {
  int MOST_HOST_CALLS = 16;

  /** Under which number the program's file appears in a new address space. */
  int PROGRAM_FD = 0;

  /** The host's thread id, in the sandbox's host PID namespace. Never shown to the guest. */
  int hostTid();

  /** The address space, as long as the thread lives. */
  UserMemory memory();

  /** Whether the current entry has {@link #registers} at hand. */
  boolean inEvent();

  /** The saved registers, during an event. Changes take effect when the entry ends. */
  Registers registers();

  /**
   * Ends an entry for a system call with its result. During an event, the result goes to RAX and
   * the registers as they then are go back to the thread.
   */
  void answer(long result);

  /** Ends an entry for a system call: the host runs the very call, with the arguments seen. */
  void continueCall();

  /**
   * Ends an entry for mmap(2) of a file: the host runs the very call on the file, which appears in
   * the guest under the descriptor number that the call names.
   *
   * @return zero, or a negative error with the entry not ended
   */
  long continueMap(int hostFd, int guestFd);

  /**
   * Prepares for one who looks into the thread, during an event: the registers have the bases of FS
   * and GS until the event ends, and all of the memory can be read and written. Does not end the
   * event.
   *
   * @param done runs at once or later, on any worker, without locks
   */
  void openToInspection(Runnable done);

  /** Ends an event: the registers go back to the thread, RAX like the others. */
  void resume();

  /**
   * Makes the thread enter with {@link Program#lookUp} soon: at once if it runs guest code, else
   * after its present entry has ended. Several pokes may end in one look-up, and one may come too
   * late.
   */
  void poke();

  /**
   * Creates a host thread or process, during an event, with a copy of the present registers, of
   * which RAX is 0, RSP and the FS base as requested. The child's first entry is {@link
   * Program#started}; it may come before or after {@code done}. Does not end the event, unless the
   * request has an answer: then it may.
   *
   * @param done gets 0 or a negative error, later, on any worker, without locks; nothing if the
   *     event has ended
   */
  void cloneThread(CloneRequest request, ChildFactory child, Completion done);

  /**
   * Names the file that the next program is mapped from.
   *
   * @param hostFd open until {@link Program#executed}
   */
  void nextProgram(int hostFd);

  /**
   * Replaces the address space by an empty one, during an event; all other threads of the host
   * process end. The next entry is {@link Program#executed}.
   */
  void execute();

  /**
   * Runs host calls in the guest thread, during an event, one after the other until one fails. Does
   * not end the event.
   *
   * @param calls at most {@link #MOST_HOST_CALLS}
   * @param done gets the host's result of the last call made, later, on any worker, without locks
   */
  void hostCalls(List<HostCall> calls, Completion done);

  /**
   * Where the host put the stack pointer of the new address space, with its own auxiliary vector
   * above. Known from {@link Program#executed} on.
   */
  long initialStack();

  /** Makes the stack mapping reach down to the address, during an event. Does not end the event. */
  void growStack(long address, Completion done);

  /**
   * Keeps the thread, and what it will clone, on some processors. A hint: the host may not have
   * them.
   *
   * @param processors a bit set
   */
  void runOn(long processors);

  /** Sets how far the stack of the thread's process may grow, in bytes, unsigned. */
  void limitStack(long bytes);

  /** Ends the thread, during any entry; the last act on it. */
  void exitThread();

  /** Ends the whole host process with all its threads, now; entries under way are void. */
  void killProcess();

  /** Ends the host process of which it is the one thread, in an entry that is never answered. */
  void endProcess();

  /** Takes the result of something that takes a while. */
  @FunctionalInterface
  interface Completion {
    void done(long result);
  }

  /** Makes the program of a new thread. */
  @FunctionalInterface
  interface ChildFactory {
    Program program(GuestThread thread);
  }
}
