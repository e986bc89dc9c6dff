package dev.skerry.sentry.fs.tty;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.kernel.ControllingTerminal;
import dev.skerry.sentry.kernel.Kernel;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.usermem.OutputSink;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.Stat;
import dev.skerry.sentry.vfs.VfsPath;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Every terminal of the sandbox by its number: what /dev/ptmx, /dev/tty and the files of /dev/pts
 * open. Its monitor guards the table, and is outside the terminals' locks. Linux: fs/devpts/.
 */
public final class Terminals {
  /** How many terminals there can be (/proc/sys/kernel/pty/max). */
  private static final int MOST = 4096;

  static final long DEVPTS_DEVICE = 0x18;
  private static final int BLOCK_SIZE = 1024;
  static final int FIRST_INODE = 3;
  private static final int USUAL_MODE = 0620;

  /** What is in the table. */
  private record Entry(Terminal terminal, Attributes attributes) {}

  /** The attributes of /dev/pts/N; times are nanoseconds since the epoch. */
  private record Attributes(int mode, int uid, int gid, long time) {}

  private final Kernel kernel;
  private final TreeMap<Integer, Entry> entries = new TreeMap<>();
  private int newMode = USUAL_MODE;
  private int newGroup = -1;

  /** Of all instances together. */
  private final AtomicInteger count;

  public Terminals(Kernel kernel) {
    this(kernel, new AtomicInteger());
  }

  private Terminals(Kernel kernel, AtomicInteger count) {
    this.kernel = kernel;
    this.count = count;
  }

  /** Those of another devpts. */
  public Terminals another() {
    return new Terminals(kernel, count);
  }

  Kernel kernel() {
    return kernel;
  }

  /**
   * Sets what terminals start with from now on (the options of devpts).
   *
   * @param gid -1 for the group of whoever opens it
   */
  synchronized void setNewAttributes(int mode, int gid) {
    newMode = mode;
    newGroup = gid;
  }

  /**
   * Opens /dev/ptmx: makes a pseudo-terminal, and returns its outside.
   *
   * @param flags access mode and status flags
   * @throws ErrnoException ENOSPC
   */
  public OpenFileDescription openMaster(int flags, Place place, Credentials owner)
      throws ErrnoException {
    synchronized (this) {
      MasterFile master = new MasterFile(this, freeNumber(), flags, place);
      add(master.terminal(), owner);
      return master;
    }
  }

  /** Makes the sandbox's own terminal, which gets the lowest free number. */
  public HostConsole createConsole(OutputSink sink, HostConsole.Credit credit)
      throws ErrnoException {
    synchronized (this) {
      HostConsole console = new HostConsole(kernel, freeNumber(), sink, credit);
      add(console.terminal(), Credentials.ROOT);
      return console;
    }
  }

  private int freeNumber() throws ErrnoException {
    int before = entries.size();
    entries.values().removeIf(entry -> entry.terminal().isUnused());
    count.addAndGet(entries.size() - before);
    int number = 0;
    while (entries.containsKey(number)) {
      number++;
    }
    if (count.get() >= MOST) {
      throw ErrnoException.of(Errno.ENOSPC);
    }
    return number;
  }

  private void add(Terminal terminal, Credentials owner) {
    int gid = newGroup < 0 ? owner.fsgid() : newGroup;
    Attributes attributes = new Attributes(newMode, owner.fsuid(), gid, kernel.clock().realtime());
    entries.put(terminal.number(), new Entry(terminal, attributes));
    count.incrementAndGet();
  }

  /** The numbers of the terminals, in order: the entries of /dev/pts. */
  public synchronized int[] numbers() {
    return entries.values().stream()
        .map(Entry::terminal)
        .filter(terminal -> !terminal.isHungUp())
        .mapToInt(Terminal::number)
        .toArray();
  }

  private synchronized @Nullable Entry find(int number) {
    Entry entry = entries.get(number);
    return entry == null || entry.terminal().isHungUp() ? null : entry;
  }

  /** The attributes of /dev/pts/N; null if there is none. */
  public @Nullable Stat stat(int number) {
    Entry entry = find(number);
    if (entry == null) {
      return null;
    }
    Attributes attributes = entry.attributes();
    long time = attributes.time();
    return new Stat(
        DEVPTS_DEVICE,
        number + FIRST_INODE,
        0020000 | attributes.mode(),
        1,
        attributes.uid(),
        attributes.gid(),
        Terminal.deviceOf(number),
        0,
        BLOCK_SIZE,
        0,
        time,
        time,
        time,
        time);
  }

  /** chmod(2) and chown(2) of /dev/pts/N; -1 leaves a value as it is. Returns zero or -ENOENT. */
  public synchronized long setAttributes(int number, int mode, int uid, int gid) {
    Entry entry = entries.get(number);
    if (entry == null) {
      return -Errno.ENOENT;
    }
    Attributes old = entry.attributes();
    Attributes changed =
        new Attributes(
            mode == -1 ? old.mode() : mode & 07777,
            uid == -1 ? old.uid() : uid,
            gid == -1 ? old.gid() : gid,
            old.time());
    entries.put(number, new Entry(entry.terminal(), changed));
    return 0;
  }

  /**
   * Opens /dev/pts/N. A session leader without a controlling terminal gets this one, unless {@code
   * noControl} (O_NOCTTY).
   *
   * @param flags access mode and status flags
   * @throws ErrnoException ENXIO, EIO while the outside keeps it locked, EBUSY
   */
  public OpenFileDescription openSlave(int number, int flags, boolean noControl, Place place)
      throws ErrnoException {
    Entry entry = find(number);
    if (entry == null) {
      throw ErrnoException.of(Errno.ENXIO);
    }
    return open(entry.terminal(), flags, noControl, place);
  }

  /**
   * Opens /dev/tty, the controlling terminal of the task that is being served.
   *
   * @throws ErrnoException ENXIO if it has none
   */
  public OpenFileDescription openControlling(int flags, Place place) throws ErrnoException {
    Task task = Task.current();
    ControllingTerminal controlling = task == null ? null : task.group().controllingTerminal();
    if (!(controlling instanceof Terminal terminal)) {
      throw ErrnoException.of(Errno.ENXIO);
    }
    return open(terminal, flags, true, place);
  }

  static OpenFileDescription open(Terminal terminal, int flags, boolean noControl, Place place)
      throws ErrnoException {
    Task task = Task.current();
    boolean privileged = task != null && task.credentials().hasCapability(Capability.SYS_ADMIN);
    ErrnoException.check(terminal.opened(privileged));
    SlaveFile file = new SlaveFile(terminal, flags, place);
    if (!noControl && task != null && file.isReadable() && terminal.session() == null) {
      terminal.control(task, false);
    }
    return file;
  }

  /** The place of a file that was not opened by a name. */
  public Place nameless(Terminal terminal) {
    return new Place() {
      @Override
      public @Nullable VfsPath path() {
        return null;
      }

      @Override
      public String name() {
        return "/dev/pts/" + terminal.number();
      }

      @Override
      public Stat stat() throws ErrnoException {
        Stat stat = Terminals.this.stat(terminal.number());
        if (stat == null) {
          throw ErrnoException.of(Errno.EIO);
        }
        return stat;
      }
    };
  }
}
