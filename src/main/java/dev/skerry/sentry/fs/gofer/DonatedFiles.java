package dev.skerry.sentry.fs.gofer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.skerry.goferproto.Limits;
import dev.skerry.hostos.Host;
import dev.skerry.sentry.slab.Slab;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The descriptors that the gofer has donated: at most two an inode, one for reading and one for
 * both. The least recently used are closed when there are too many; those in use stay open until
 * released.
 */
final class DonatedFiles {
  private static final int MOST = 2048;
  private static final float LOAD = 0.75f;

  private final AheadWindow window = new AheadWindow(Limits.OPEN);

  @GuardedBy("this")
  private final Map<DonatedFile, DonatedFile> kept = new LinkedHashMap<>(64, LOAD, true);

  /**
   * A descriptor of the inode that can do what is asked, if there is one. The caller releases it.
   */
  synchronized @Nullable DonatedFile take(InodeReference inode, boolean writable) {
    DonatedFile file = inode.writable;
    if (file == null && !writable) {
      file = inode.readable;
    }
    return use(file);
  }

  /** A descriptor of the inode that cannot write, if there is one. The caller releases it. */
  synchronized @Nullable DonatedFile takeToReadOnly(InodeReference inode) {
    return use(inode.readable);
  }

  @GuardedBy("this")
  private @Nullable DonatedFile use(@Nullable DonatedFile file) {
    if (file != null) {
      file.references++;
      kept.get(file);
      if (file.ahead) {
        file.ahead = false;
        window.used();
      }
    }
    return file;
  }

  /** Whether there is a descriptor of the inode to read from. */
  synchronized boolean has(InodeReference inode) {
    return inode.writable != null || inode.readable != null;
  }

  /** How many files it pays to open at once. */
  AheadWindow window() {
    return window;
  }

  /** Keeps a descriptor to read from that nobody has asked for yet. */
  synchronized void addAhead(InodeReference inode, int fd) {
    DonatedFile file = add(inode, false, fd);
    file.ahead = file.references == 2;
    release(file);
  }

  /**
   * Takes over a descriptor, unless another was faster.
   *
   * @return what to use; the caller releases it
   */
  synchronized DonatedFile add(InodeReference inode, boolean writable, int fd) {
    DonatedFile known = writable ? inode.writable : inode.readable;
    if (known != null) {
      Host.os().close(fd);
      known.references++;
      return known;
    }
    DonatedFile file = new DonatedFile(fd, writable, inode);
    Slab.DONATED_FILE.charge(1);
    file.references = 2;
    if (writable) {
      inode.writable = file;
    } else {
      inode.readable = file;
    }
    kept.put(file, file);
    if (kept.size() > MOST) {
      dropKept(kept.keySet().iterator().next());
    }
    return file;
  }

  synchronized void release(DonatedFile file) {
    file.references--;
    if (file.references == 0) {
      Host.os().close(file.fd());
      Slab.DONATED_FILE.give(1);
    }
  }

  /** Keeps nothing for the inode any more. */
  synchronized void forget(InodeReference inode) {
    if (inode.readable != null) {
      dropKept(inode.readable);
    }
    if (inode.writable != null) {
      dropKept(inode.writable);
    }
  }

  @GuardedBy("this")
  private void dropKept(DonatedFile file) {
    kept.remove(file);
    InodeReference inode = file.owner();
    if (file.isWritable()) {
      inode.writable = null;
    } else {
      inode.readable = null;
    }
    release(file);
  }
}
