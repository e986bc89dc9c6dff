package dev.skerry.sentry.socket;

import dev.skerry.sentry.vfs.OpenFileDescription;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What goes along with a message (cmsg(3)).
 *
 * @param files of SCM_RIGHTS, each with a reference that whoever takes them out, or {@link #drop}s
 *     them, owns
 * @param sender of SCM_CREDENTIALS; null where nobody asked
 */
public record Ancillary(List<OpenFileDescription> files, @Nullable Sender sender) {
  /** The most files in one message (SCM_MAX_FD). */
  public static final int MOST_FILES = 253;

  public static final Ancillary NONE = new Ancillary(List.of(), null);

  /** struct ucred. */
  public record Sender(int pid, int uid, int gid) {}

  public boolean isEmpty() {
    return files.isEmpty() && sender == null;
  }

  /** The same with references of its own, for a message that is only looked at. */
  Ancillary copy() {
    files.forEach(OpenFileDescription::acquire);
    return this;
  }

  /** Gives the files' references back. Called without locks. */
  public void drop() {
    files.forEach(OpenFileDescription::drop);
  }
}
