package dev.skerry.sentry.fs.tmpfs;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.skerry.abi.Errno;
import dev.skerry.hostos.Host;
import dev.skerry.hostos.HostOs;
import dev.skerry.hostos.StatxLayout;
import dev.skerry.sentry.mm.HostProc;
import dev.skerry.sentry.vfs.MemoryAccount;

/**
 * The bytes of one file, in a file of the host's that is made when first needed: one of the {@link
 * DataDirectory}, closed while nobody needs it and descriptors are few, or a memfd. Every page that
 * the host holds is drawn from the account beforehand. Once a file is mapped the host makes pages
 * without asking, so all of its size is drawn then. A mapping that outlives the file is the host's
 * own affair, and counts only against the sandbox's memory limit.
 *
 * <p>The monitor is held over everything that changes the bytes.
 */
final class Content {
  private static final int MFD_ALLOW_SEALING = 2;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;
  private static final int PAGE_SHIFT = 12;
  private static final int SECTORS_PER_PAGE = MemoryAccount.PAGE / 512;

  private final MemoryAccount account;

  /** Stays open while there are users. */
  private volatile int hostFd = -1;

  private volatile long size;

  /** Open descriptions and others that may use the memfd without the monitor. */
  @GuardedBy("this")
  private int users;

  /** Its name in the directory; 0 while there is no file, and for a memfd. */
  @GuardedBy("this")
  private long name;

  @GuardedBy("this")
  private int readOnlyFd = -1;

  /** Pages drawn from the account. */
  @GuardedBy("this")
  private long charged;

  /** All pages before this one are charged: they are there, or may be made through a mapping. */
  @GuardedBy("this")
  private long dense;

  @GuardedBy("this")
  private boolean mapped;

  /** The file is gone, and is not to get a memfd any more. */
  @GuardedBy("this")
  private boolean freed;

  /** Whether pages may lie behind the end (FALLOC_FL_KEEP_SIZE). */
  @GuardedBy("this")
  private boolean beyondEnd;

  /** Whether the host is to know seals: only memfds have them. */
  private final boolean sealable;

  /**
   * @param account of pages
   */
  Content(MemoryAccount account, boolean sealable) {
    this.account = account;
    this.sealable = sealable;
  }

  private static long pages(long bytes) {
    return (bytes >>> PAGE_SHIFT) + ((bytes & (MemoryAccount.PAGE - 1)) != 0 ? 1 : 0);
  }

  long size() {
    return size;
  }

  /** How many pages are there. */
  synchronized long pages() {
    return charged;
  }

  /** From now on the host file stays open. */
  void use() {
    synchronized (this) {
      users++;
    }
    IdleContents.SHARED.used(this);
  }

  /** Undoes a {@link #use}. */
  void leave() {
    boolean idle;
    synchronized (this) {
      users--;
      idle = users == 0 && hostFd >= 0 && name != 0;
    }
    if (idle) {
      IdleContents.SHARED.left(this);
    }
  }

  /**
   * The host file, for users.
   *
   * @param none what is returned for a file without content
   * @return a descriptor, {@code none}, or a negative error
   */
  int existingFd(int none) {
    int fd = hostFd;
    if (fd >= 0) {
      return fd;
    }
    synchronized (this) {
      return hostFd < 0 && name == 0 ? none : fd();
    }
  }

  /** The host file, made or opened now if need be; ENOSPC when the host has no more descriptors. */
  @GuardedBy("this")
  int fd() {
    if (freed) {
      return -Errno.ENOENT;
    }
    if (hostFd < 0) {
      int opened = open();
      if (opened < 0) {
        return opened == -Errno.EMFILE || opened == -Errno.ENFILE ? -Errno.ENOSPC : opened;
      }
      hostFd = opened;
      IdleContents.SHARED.opened();
    }
    return hostFd;
  }

  @GuardedBy("this")
  private int open() {
    if (name != 0) {
      return DataDirectory.reopen(name);
    }
    if (sealable || !DataDirectory.isOpen()) {
      return Host.os().memfdCreate("tmpfs", MFD_ALLOW_SEALING);
    }
    long next = DataDirectory.nextName();
    int made = DataDirectory.create(next);
    if (made >= 0) {
      name = next;
    }
    return made;
  }

  /** Closes the host file if it can be opened again and nobody uses it. */
  synchronized void closeIfIdle() {
    if (users == 0 && hostFd >= 0 && name != 0) {
      closeFds();
    }
  }

  @GuardedBy("this")
  private void closeFds() {
    if (readOnlyFd >= 0) {
      Host.os().close(readOnlyFd);
      readOnlyFd = -1;
    }
    Host.os().close(hostFd);
    hostFd = -1;
    IdleContents.SHARED.closed(this);
  }

  /**
   * Draws the pages for a write.
   *
   * @return up to where can be written, or -ENOSPC
   */
  @GuardedBy("this")
  long reserve(long offset, long end) {
    long last = pages(end);
    if (last <= dense) {
      return end;
    }
    long reached;
    if (mapped) {
      reached = reserveFrom(dense, last);
      dense = charged;
    } else {
      long first = Math.max(dense, offset >>> PAGE_SHIFT);
      reached = dense == pages(size) ? reserveFrom(first, last) : reserveHoles(first, last);
    }
    if (reached == last) {
      return end;
    }
    return reached << PAGE_SHIFT > offset ? reached << PAGE_SHIFT : -Errno.ENOSPC;
  }

  @GuardedBy("this")
  private long reserveFrom(long first, long last) {
    long granted = account.take(last - first);
    charged += granted;
    return first + granted;
  }

  /** As {@link #reserveFrom}, for a file of which some pages are there. */
  @GuardedBy("this")
  private long reserveHoles(long first, long last) {
    HostOs host = Host.os();
    long page = first;
    while (page < last) {
      long hole = host.lseek(hostFd, page << PAGE_SHIFT, SEEK_HOLE);
      long firstMissing = hole < 0 ? page : pages(hole);
      if (firstMissing > page) {
        page = Math.min(firstMissing, last);
        continue;
      }
      long data = host.lseek(hostFd, page << PAGE_SHIFT, SEEK_DATA);
      long span = data < 0 ? last : Math.min(last, data >>> PAGE_SHIFT);
      long reached = reserveFrom(page, span);
      if (reached < span) {
        return reached;
      }
      page = span;
    }
    return last;
  }

  /**
   * Takes note of a write, or of one that failed after {@link #reserve}.
   *
   * @param reserved up to where it could have gone
   */
  @GuardedBy("this")
  void written(long offset, long end, long reserved) {
    if (end > size) {
      size = end;
    }
    if (end > offset && offset >>> PAGE_SHIFT <= dense && !mapped) {
      dense = Math.max(dense, pages(end));
    }
    if (beyondEnd || pages(end) < pages(reserved)) {
      settle();
    }
  }

  /** Gives back what was drawn for pages that the host does not hold. */
  @GuardedBy("this")
  private void settle() {
    if (mapped || hostFd < 0) {
      return;
    }
    long[] attributes = new long[StatxLayout.COUNT];
    if (Host.os().statx(hostFd, "", AT_EMPTY_PATH, attributes) < 0) {
      return;
    }
    long held = attributes[StatxLayout.BLOCKS] / SECTORS_PER_PAGE;
    if (held < charged) {
      account.give(charged - held);
      charged = held;
    }
  }

  /** Zero, or an error: ENOSPC for a mapped file that would grow too large. */
  @GuardedBy("this")
  long truncate(long length) {
    if (length == size && !beyondEnd) {
      return 0;
    }
    int fd = fd();
    if (fd < 0) {
      return fd;
    }
    long before = pages(size);
    long after = pages(length);
    if (mapped && after > before && !chargeAll(length)) {
      return -Errno.ENOSPC;
    }
    long result = Host.os().ftruncate(fd, length);
    if (result == 0) {
      size = length;
      truncated(before, after);
    } else if (mapped) {
      truncated(after, before);
    }
    return result;
  }

  @GuardedBy("this")
  private void truncated(long before, long after) {
    if (after > before) {
      return;
    }
    boolean known = !beyondEnd && dense == before;
    dense = Math.min(dense, after);
    if (known || mapped) {
      account.give(charged - after);
      charged = after;
    } else {
      settle();
    }
    if (after == 0) {
      beyondEnd = false;
    }
  }

  /** Draws pages for all of a size, with holes; returns whether there were enough. */
  @GuardedBy("this")
  private boolean chargeAll(long length) {
    long more = pages(length) - (beyondEnd ? 0 : charged);
    if (more > 0) {
      if (!account.takeAll(more)) {
        return false;
      }
      charged += more;
    }
    dense = charged;
    return true;
  }

  /** Takes note of a fallocate(2) that took pages behind the end, or gave some back. */
  @GuardedBy("this")
  void allocated(long offset, long end, boolean punched) {
    if (mapped) {
      return;
    }
    if (punched) {
      dense = Math.min(dense, offset >>> PAGE_SHIFT);
      settle();
    } else if (end > size) {
      beyondEnd = true;
    }
  }

  /**
   * A descriptor for a mapping.
   *
   * @param writable whether stores through a shared mapping are to reach the file
   * @return the descriptor, or -ENOMEM if the account cannot bear all of the file's pages
   */
  @GuardedBy("this")
  int mappableFd(boolean writable) {
    int fd = fd();
    if (fd < 0) {
      return fd;
    }
    if (!mapped) {
      if (dense < charged || beyondEnd) {
        settle();
      }
      if (!chargeAll(size)) {
        return -Errno.ENOMEM;
      }
      mapped = true;
      beyondEnd = false;
    }
    if (writable) {
      return fd;
    }
    if (readOnlyFd < 0) {
      int opened = name != 0 ? DataDirectory.reopenReadOnly(name) : HostProc.reopenReadOnly(fd);
      if (opened < 0) {
        return opened;
      }
      readOnlyFd = opened;
    }
    return readOnlyFd;
  }

  /** Gives everything back. */
  synchronized void free() {
    freed = true;
    if (hostFd >= 0) {
      closeFds();
    }
    if (name != 0) {
      DataDirectory.remove(name);
    }
    account.give(charged);
    charged = 0;
    dense = 0;
    size = 0;
  }
}
