package dev.skerry.sentry.mm;

/**
 * What the host counts for a thread and its address space (proc_pid_stat(5)).
 *
 * @param parent the process id of the parent
 * @param userTicks CPU time in guest code, in 1/100 s
 * @param systemTicks CPU time in the host's kernel
 * @param virtualSize in bytes
 * @param residentPages of 4096 bytes
 * @param processor where the thread ran last
 */
public record HostTaskStat(
    int parent,
    long minorFaults,
    long majorFaults,
    long userTicks,
    long systemTicks,
    long virtualSize,
    long residentPages,
    int processor) {
  public static final HostTaskStat NONE = new HostTaskStat(0, 0, 0, 0, 0, 0, 0, 0);

  // Counted from the field after the name, which is the third.
  private static final int PARENT = 1;
  private static final int MINOR_FAULTS = 7;
  private static final int MAJOR_FAULTS = 9;
  private static final int USER = 11;
  private static final int SYSTEM = 12;
  private static final int VIRTUAL_SIZE = 20;
  private static final int RESIDENT = 21;
  private static final int PROCESSOR = 36;

  static HostTaskStat parse(String text) {
    int name = text.lastIndexOf(')');
    if (name < 0) {
      return NONE;
    }
    // Signs and what is wider than 63 bits do not matter: the fields that are taken have neither.
    long[] fields = new long[PROCESSOR + 1];
    int field = 0;
    for (int i = name + 2; i < text.length() && field <= PROCESSOR; i++) {
      char c = text.charAt(i);
      if (c == ' ') {
        field++;
      } else if (c >= '0' && c <= '9') {
        fields[field] = 10 * fields[field] + (c - '0');
      }
    }
    if (field < PROCESSOR) {
      return NONE;
    }
    return new HostTaskStat(
        (int) fields[PARENT],
        fields[MINOR_FAULTS],
        fields[MAJOR_FAULTS],
        fields[USER],
        fields[SYSTEM],
        fields[VIRTUAL_SIZE],
        fields[RESIDENT],
        (int) fields[PROCESSOR]);
  }
}
