package dev.skerry.sentry.mm;

import dev.skerry.hostos.Host;
import dev.skerry.hostos.StatxLayout;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.usermem.UserMemory;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.Stat;
import dev.skerry.sentry.vfs.VfsPath;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the sentry knows of one address space; tasks that share memory share it. Linux: struct
 * mm_struct.
 */
public final class MemoryManager {
  /** Where the kernel put the parts of the program; all are guest addresses. */
  public record Layout(
      long codeStart,
      long codeEnd,
      long dataStart,
      long dataEnd,
      long brkStart,
      long stackStart,
      long argStart,
      long argEnd,
      long envStart,
      long envEnd) {
    static final Layout NONE = new Layout(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  }

  /**
   * A place in memory that processes share, whatever the address.
   *
   * @param offset in the file, in bytes
   */
  public record SharedPlace(long dev, long ino, long offset) {}

  /** What the host counts for pages that are the platform's, not the guest's, in bytes. */
  public record Hidden(long all, long data) {}

  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int PAGE = 4096;
  private static final int STATM_FIELDS = 7;
  private static final int STATM_DATA = 5;

  /** Memory without a file, and the headers of programs (MMF_DUMP_FILTER_DEFAULT). */
  private static final int USUAL_DUMP = 0x33;

  private static final int DUMP_FILTER_MASK = 0x1ff;
  private static final HostMapping[] NOTHING = {};

  /** The same in every address space; null before it was first asked for. */
  private static volatile @Nullable Hidden hidden;

  private final long reservedStart;
  private final long reservedEnd;

  // Guarded by this.
  private final MappedFiles files;
  private final Map<Long, SharedMemory> attachments = new HashMap<>();
  private Layout layout = Layout.NONE;
  private MemoryPolicies policies = MemoryPolicies.NONE;
  private byte[] auxiliaryVector = new byte[0];
  private @Nullable VfsPath executable;

  /** What of it a core file holds (core(5)), a bit set; inherited by all that it executes. */
  private volatile int dumpFilter = USUAL_DUMP;

  /** Whether everything counts as locked, though the host locks less (mlockall(2)). */
  private volatile boolean allLocked;

  /** Whether anything was ever locked: otherwise the host need not be asked. */
  private volatile boolean mayHaveLocked;

  /** Where the guest last wanted the break; the host may have refused. */
  private volatile long wantedBreak;

  /** The mappings as they were last read; nothing after a change. */
  private volatile HostMapping[] mappings = NOTHING;

  /** An empty address space, of which guests may not touch the given range. */
  public MemoryManager(long reservedStart, long reservedEnd) {
    this(reservedStart, reservedEnd, new MappedFiles());
  }

  private MemoryManager(long reservedStart, long reservedEnd, MappedFiles files) {
    this.reservedStart = reservedStart;
    this.reservedEnd = reservedEnd;
    this.files = files;
  }

  /** The address space of a child process: the same mappings, copied on write. */
  public synchronized MemoryManager fork() {
    MemoryManager child = new MemoryManager(reservedStart, reservedEnd, new MappedFiles(files));
    child.attachments.putAll(attachments);
    child.layout = layout;
    child.policies = policies;
    child.auxiliaryVector = auxiliaryVector;
    child.executable = executable;
    child.wantedBreak = wantedBreak;
    child.dumpFilter = dumpFilter;
    return child;
  }

  /** An empty address space on the same platform, for a new program. */
  public MemoryManager fresh() {
    MemoryManager next = new MemoryManager(reservedStart, reservedEnd);
    next.dumpFilter = dumpFilter;
    return next;
  }

  /** Whether guests may map the range; lengths are unsigned, and a wrap-around is not allowed. */
  public boolean mayMap(long address, long length) {
    long end = address + length;
    if (Long.compareUnsigned(end, address) < 0) {
      return false;
    }
    return Long.compareUnsigned(end, reservedStart) <= 0
        || Long.compareUnsigned(address, reservedEnd) >= 0;
  }

  /**
   * Remembers how the file appears, so that the maps can name it.
   *
   * @param hostTid a thread that runs in this address space
   * @param noExec whether no mapping of it may be executable
   * @return whether there was room to
   */
  public boolean noteMapped(int hostTid, int hostFd, OpenFileDescription file, boolean noExec) {
    long[] values = new long[StatxLayout.COUNT];
    if (Host.os().statx(hostFd, "", AT_EMPTY_PATH, values) < 0) {
      return false;
    }
    HostFileId id = new HostFileId(values[StatxLayout.DEV], values[StatxLayout.INO]);
    synchronized (this) {
      if (!noExec && files.get(id) != null) {
        return true;
      }
    }
    try {
      Stat stat = file.stat();
      MappedFile mapped = new MappedFile(stat.dev(), stat.ino(), file.path(), label(file), noExec);
      synchronized (this) {
        if (files.shouldPrune()) {
          files.prune(HostMapping.parse(HostProc.read(hostTid + "/maps")));
        }
        return files.add(id, mapped);
      }
    } catch (ErrnoException e) {
      // The maps show such a file without a name.
      return false;
    }
  }

  /** As {@link #noteMapped}, for a file of a program that is about to be put in place. */
  public void noteProgram(int hostFd, OpenFileDescription file) {
    noteMapped(0, hostFd, file, false);
  }

  /** Whether a page of the range is of a file that may not be executable; else as {@link #maps}. */
  public boolean isNoExec(int hostTid, long start, long end) {
    synchronized (this) {
      if (!files.haveNoExec()) {
        return false;
      }
    }
    for (HostMapping mapping : HostMapping.parse(HostProc.read(hostTid + "/maps"))) {
      MappedFile file = mapping.overlaps(start, end) ? mappedFile(mapping.file()) : null;
      if (file != null && file.noExec()) {
        return true;
      }
    }
    return false;
  }

  private static String label(OpenFileDescription file) {
    return file.path() == null ? file.displayName() : "";
  }

  /** What a new program brought with it. */
  public synchronized void setProgram(VfsPath executable, Layout layout, byte[] auxiliaryVector) {
    this.executable = executable;
    this.layout = layout;
    this.auxiliaryVector = auxiliaryVector;
  }

  /** Remembers that shared memory begins at the address (shmat(2)). */
  public synchronized void attach(long address, SharedMemory memory) {
    attachments.put(address, memory);
  }

  /** Forgets the shared memory at the address, and returns it; null if there is none. */
  public synchronized @Nullable SharedMemory detach(long address) {
    return attachments.remove(address);
  }

  /** How often the memory is attached here. */
  public synchronized int countAttachments(SharedMemory memory) {
    int count = 0;
    for (SharedMemory attached : attachments.values()) {
      count += attached == memory ? 1 : 0;
    }
    return count;
  }

  /** The file that /proc/PID/exe points to; null before the first program. */
  public synchronized @Nullable VfsPath executable() {
    return executable;
  }

  public synchronized Layout layout() {
    return layout;
  }

  /** What /proc/PID/auxv shows. */
  public synchronized byte[] auxiliaryVector() {
    return auxiliaryVector;
  }

  synchronized @Nullable MappedFile mappedFile(HostFileId id) {
    return files.get(id);
  }

  boolean isReserved(long address) {
    return !mayMap(address, 1);
  }

  /**
   * The text of /proc/PID/maps.
   *
   * @param hostTid a thread that runs in this address space
   * @param root of whom the names are for; null for that of the first namespace
   */
  public String maps(int hostTid, @Nullable VfsPath root) {
    return HostMaps.translate(HostProc.read(hostTid + "/maps"), this, root);
  }

  /**
   * The text of /proc/PID/numa_maps; else as {@link #maps}.
   *
   * @param usual the policy of what has none of its own
   */
  public String numaMaps(int hostTid, @Nullable VfsPath root, MemoryPolicy usual) {
    MemoryPolicies own;
    synchronized (this) {
      own = policies;
    }
    String host = HostProc.read(hostTid + "/numa_maps");
    return NumaMaps.translate(host, maps(hostTid, root), own, usual);
  }

  /** The policy of a page; null if it has none of its own. */
  public synchronized @Nullable MemoryPolicy policyAt(long address) {
    return policies.at(address);
  }

  /** The policies that some page of a range has. */
  public synchronized List<MemoryPolicy> policiesWithin(long start, long end) {
    return policies.within(start, end);
  }

  /** Sets the policy of a range, or with null takes it away; false if there are too many. */
  public synchronized boolean setPolicy(long start, long end, @Nullable MemoryPolicy policy) {
    MemoryPolicies next = policies.with(start, end, policy);
    if (next != null) {
      policies = next;
    }
    return next != null;
  }

  /** What of the address space a core file holds (core(5)). */
  public int dumpFilter() {
    return dumpFilter;
  }

  /** Sets {@link #dumpFilter}; bits that mean nothing are dropped. */
  public void setDumpFilter(long bits) {
    dumpFilter = (int) (bits & DUMP_FILTER_MASK);
  }

  /** The text of /proc/PID/smaps; else as {@link #maps}. */
  public String smaps(int hostTid, @Nullable VfsPath root) {
    return HostMaps.translate(HostProc.read(hostTid + "/smaps"), this, root);
  }

  /** The text of /proc/PID/smaps_rollup, the stub's few pages included; else as {@link #maps}. */
  public String smapsRollup(int hostTid) {
    return HostProc.read(hostTid + "/smaps_rollup");
  }

  /** How much is locked, in bytes; else as {@link #maps}. */
  public long lockedBytes(int hostTid) {
    return allLocked
        ? mappedBytes(hostTid)
        : LockedMemory.statusBytes(HostProc.status(hostTid), "VmLck:");
  }

  /** How much of a range is locked, in bytes; else as {@link #maps}. */
  public long lockedBytes(int hostTid, long start, long end) {
    return allLocked
        ? mappedBytes(hostTid, start, end)
        : LockedMemory.within(HostProc.read(hostTid + "/smaps"), start, end);
  }

  /** The guest is about to lock memory. */
  public void noteLock() {
    mayHaveLocked = true;
  }

  /** Whether {@link #noteLock} was ever called. */
  public boolean mayHaveLocked() {
    return mayHaveLocked;
  }

  /** Sets whether {@link #lockedBytes} are all that is mapped. */
  public void setAllLocked(boolean all) {
    allLocked = all;
  }

  /** How much the host lets the process lock, in bytes; -1 if any amount. Else as {@link #maps}. */
  public long hostLockLimit(int hostTid) {
    return LockedMemory.limit(HostProc.read(hostTid + "/limits"));
  }

  /** How much the host has mapped, with what guests do not see; else as {@link #maps}. */
  public long hostMappedBytes(int hostTid) {
    return HostMaps.within(HostProc.read(hostTid + "/maps"), 0, UserMemory.END);
  }

  /** How much is mapped, in bytes; else as {@link #maps}. */
  public long mappedBytes(int hostTid) {
    String host = HostProc.read(hostTid + "/maps");
    long all = HostMaps.within(host, 0, UserMemory.END);
    return all - HostMaps.within(host, reservedStart, reservedEnd);
  }

  /** How much is mapped within a range, in bytes; else as {@link #maps}. */
  public long mappedBytes(int hostTid, long start, long end) {
    return HostMaps.within(HostProc.read(hostTid + "/maps"), start, end);
  }

  /** How much within a range is private and cannot be written, in bytes; else as {@link #maps}. */
  public long readOnlyBytes(int hostTid, long start, long end) {
    return HostMaps.readOnlyWithin(HostProc.read(hostTid + "/maps"), start, end);
  }

  /** How much is private and can be written, in bytes; else as {@link #maps}. */
  public long dataBytes(int hostTid) {
    long data = LockedMemory.statusBytes(HostProc.status(hostTid), "VmData:");
    return Math.max(0, data - hidden(hostTid).data());
  }

  /** How much of the host's figures is not the guest's; else as {@link #maps}. */
  public Hidden hidden(int hostTid) {
    Hidden known = hidden;
    if (known != null) {
      return known;
    }
    String host = HostProc.read(hostTid + "/maps");
    long all = HostMaps.within(host, reservedStart, reservedEnd);
    Hidden found = new Hidden(all, all - HostMaps.readOnlyWithin(host, reservedStart, reservedEnd));
    if (all > 0) {
      hidden = found;
    }
    return found;
  }

  /** The guest is about to move its break. */
  public void noteBreak(long wanted) {
    if (wanted < wantedBreak && wanted >= layout().brkStart()) {
      long start = (wanted + PAGE - 1) & -PAGE;
      forgetPolicies(start, Math.max(0, wantedBreak - start));
    }
    wantedBreak = wanted;
  }

  /** Where the break is (brk(2)); else as {@link #maps}. */
  public long programBreak(int hostTid) {
    long start = layout().brkStart();
    long end = HostMaps.heapEnd(HostProc.read(hostTid + "/maps"));
    long wanted = wantedBreak;
    boolean inLastPage = end - wanted >= 0 && end - wanted < PAGE;
    return end < start ? start : inLastPage ? wanted : end;
  }

  /** Whether every page of the range is mapped; else as {@link #maps}. */
  public boolean isMapped(int hostTid, long address, long length) {
    return HostMaps.covers(HostProc.read(hostTid + "/maps"), address, address + length);
  }

  /** The guest is about to change its mappings. */
  public void mappingsChange() {
    mappings = NOTHING;
  }

  /** What is mapped in a range is about to go, so its policies go with it. */
  public synchronized void forgetPolicies(long start, long length) {
    policies = policies.without(start, start + (length + PAGE - 1 & -PAGE));
  }

  /** A range is about to be moved. */
  public synchronized void movePolicies(long from, long to, long length) {
    policies = policies.moved(from, to, length);
  }

  /**
   * What stands behind an address of memory that was mapped with MAP_SHARED; null for private
   * memory, and where nothing is mapped.
   *
   * @param hostTid a thread that runs in this address space
   */
  public @Nullable SharedPlace sharedPlace(int hostTid, long address) {
    HostMapping mapping = find(mappings, address);
    if (mapping == null) {
      HostMapping[] read = HostMapping.parse(HostProc.read(hostTid + "/maps"));
      mappings = read;
      mapping = find(read, address);
    }
    if (mapping == null || !mapping.shared()) {
      return null;
    }
    long offset = mapping.offset() + (address - mapping.start());
    return new SharedPlace(mapping.file().dev(), mapping.file().ino(), offset);
  }

  private static @Nullable HostMapping find(HostMapping[] sorted, long address) {
    int low = 0;
    int high = sorted.length - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      HostMapping mapping = sorted[middle];
      if (mapping.contains(address)) {
        return mapping;
      }
      if (address < mapping.start()) {
        high = middle - 1;
      } else {
        low = middle + 1;
      }
    }
    return null;
  }

  /** The seven page counts of /proc/PID/statm; else as {@link #maps}. */
  public String statm(int hostTid) {
    String[] pages = HostProc.read(hostTid + "/statm").trim().split(" ");
    if (pages.length < STATM_FIELDS) {
      return "0 0 0 0 0 0 0\n";
    }
    Hidden own = hidden(hostTid);
    pages[0] = Long.toString(Math.max(0, Long.parseLong(pages[0]) - own.all() / PAGE));
    pages[STATM_DATA] =
        Long.toString(Math.max(0, Long.parseLong(pages[STATM_DATA]) - own.data() / PAGE));
    return String.join(" ", pages) + "\n";
  }
}
