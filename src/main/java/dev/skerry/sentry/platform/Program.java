package dev.skerry.sentry.platform;

/**
 * What runs on a {@link GuestThread}: the kernel's task, told of each entry into the kernel. After
 * an entry the thread stands still until {@link GuestThread#answer}, {@link GuestThread#resume} or
 * one of the other calls that end an entry. Entries of one thread never overlap; they come on any
 * worker.
 */
public interface Program {
  /**
   * A system call. The registers are at hand only if {@link GuestThread#inEvent}: so for the calls
   * that create threads or processes, execute programs or return from signal handlers. For the last
   * they are those from before the signal already, and the arguments are what else is to be
   * restored: the mask, and the address, flags and size of the alternate stack.
   */
  void systemCall(int number, long[] arguments, long instructionPointer);

  /** The answer to {@link GuestThread#poke}; the registers are at hand. */
  void lookUp();

  /**
   * A fault of the processor; the registers are at hand.
   *
   * @param signal SIGSEGV, SIGBUS, SIGFPE, SIGILL or SIGTRAP
   * @param code si_code
   * @param address si_addr
   */
  void fault(int signal, int code, long address);

  /** A signal handler has returned, and its frame cannot be read. */
  void frameLost();

  /** The thread's first entry, after {@link GuestThread#cloneThread}; the registers are at hand. */
  void started();

  /**
   * The address space is new and empty after {@link GuestThread#execute}, but for the program's
   * file under {@link GuestThread#PROGRAM_FD}; the registers are at hand, all zero.
   */
  void executed();

  /**
   * The host thread is gone without having been told to go (killed from outside, out of memory).
   */
  void gone();
}
