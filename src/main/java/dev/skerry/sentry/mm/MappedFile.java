package dev.skerry.sentry.mm;

import dev.skerry.sentry.vfs.PathNames;
import dev.skerry.sentry.vfs.VfsPath;
import org.jspecify.annotations.Nullable;

/**
 * How a file that is mapped appears to the guest.
 *
 * @param dev the guest's st_dev
 * @param ino the guest's st_ino
 * @param place where it was opened, of which it is named; null for a file without a place
 * @param label its name then
 * @param noExec whether it may not be mapped executable (MS_NOEXEC)
 */
record MappedFile(long dev, long ino, @Nullable VfsPath place, String label, boolean noExec) {
  /** Its path as it is now, as seen from that root or, without one, the namespace's own. */
  String name(@Nullable VfsPath root) {
    return place == null ? label : PathNames.ofOpenFile(root, place);
  }
}
