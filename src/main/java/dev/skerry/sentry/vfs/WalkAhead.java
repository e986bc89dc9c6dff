package dev.skerry.sentry.vfs;

import dev.skerry.sentry.ErrnoException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The next names of a path, looked up with one question, for a file system that has to be asked
 * each time. What it tells is used name by name, as the walk gets there and after its checks; it is
 * not used where the walk has gone elsewhere, or where names were changed meanwhile.
 */
final class WalkAhead {
  private static final int MOST_NAMES = 16;

  private final List<String> names;

  /** What {@link Dentry#changes} was, of the directory of each name, before the question. */
  private final int[] changes;

  private final List<Inode> directories = new ArrayList<>();

  /** Whether the name after those found is not there. */
  private final boolean missing;

  private WalkAhead(Dentry start, List<String> names, int[] changes, Inode.Walked walked) {
    this.names = names;
    this.changes = changes;
    this.missing = walked.missing();
    directories.add(start.inode());
    directories.addAll(walked.files());
  }

  /**
   * Looks up the names that the path goes on with.
   *
   * @param at where in the path a name begins
   * @param opens whether the file at the end is opened for reading soon
   * @return null if the file system does not answer so
   */
  static @Nullable WalkAhead ask(Dentry start, String path, int at, boolean opens)
      throws ErrnoException {
    FileSystem fileSystem = start.inode().fileSystem();
    if (!fileSystem.walksAtOnce()) {
      if (fileSystem.looksAhead()) {
        expect(start, path, at, opens);
      }
      return null;
    }
    List<String> names = names(path, at);
    if (names.isEmpty()) {
      return null;
    }
    int[] changes = new int[names.size()];
    Dentry directory = start;
    for (int i = 0; i < changes.length && directory != null; i++) {
      changes[i] = directory.changes();
      directory = directory.child(names.get(i));
    }
    return new WalkAhead(start, names, changes, start.inode().walk(names, opens));
  }

  /** Tells what is looked up next, unless the first of it is known. */
  private static void expect(Dentry start, String path, int at, boolean opens)
      throws ErrnoException {
    int slash = path.indexOf('/', at);
    boolean more = slash >= 0 && slash + 1 < path.length();
    if (!more && !opens) {
      return;
    }
    String first = path.substring(at, slash < 0 ? path.length() : slash);
    if (start.child(first) == null) {
      List<String> names = names(path, at);
      if (!names.isEmpty()) {
        start.inode().expect(names, opens);
      }
    }
  }

  /** Up to the first that is no ordinary name. */
  private static List<String> names(String path, int first) {
    List<String> names = new ArrayList<>();
    int at = first;
    while (at < path.length() && names.size() < MOST_NAMES) {
      int slash = path.indexOf('/', at);
      int end = slash < 0 ? path.length() : slash;
      String name = path.substring(at, end);
      if (name.equals(".") || name.equals("..") || name.length() > DentryCache.MOST_NAME_BYTES) {
        break;
      }
      names.add(name);
      at = end;
      while (at < path.length() && path.charAt(at) == '/') {
        at++;
      }
    }
    return names;
  }

  /** Whether it may know a name in the directory. */
  boolean reaches(Dentry directory) {
    return position(directory) >= 0;
  }

  private int position(Dentry directory) {
    int position = directories.lastIndexOf(directory.inode());
    return position < names.size() ? position : -1;
  }

  /** The name in the directory, perhaps a negative dentry; null if that is to be asked. */
  @Nullable Dentry lookup(DentryCache cache, Dentry directory, String name) {
    int position = position(directory);
    if (position < 0 || !names.get(position).equals(name)) {
      return null;
    }
    boolean found = position + 1 < directories.size();
    if (!found && !missing) {
      return null;
    }
    Inode inode = found ? directories.get(position + 1) : null;
    return cache.answered(directory, name, inode, changes[position]);
  }
}
