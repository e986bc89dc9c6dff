package dev.skerry.sentry.vfs;

import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Credentials;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes the file systems that a guest mounts; whoever knows file systems implements it. */
public interface FileSystemTypes {
  /**
   * Makes a file system that is ready to be mounted.
   *
   * @param type a name as in /proc/filesystems
   * @param data options of the file system's own, with commas between
   * @param origin who mounts, and where paths among the options begin
   * @throws ErrnoException ENODEV for a type that is not there, EPERM for one that guests may not
   *     mount, EINVAL for options that are wrong
   */
  FileSystem make(String type, String data, Origin origin) throws ErrnoException;

  /** The names of the types that there are, in the order of /proc/filesystems. */
  default List<String> names() {
    return List.of();
  }

  /** ENODEV for a type that is not there, EPERM for one that the guest may not mount. */
  default void checkMayMake(String type, Credentials maker) throws ErrnoException {}

  /** Whether a type has an option of the name. */
  default boolean hasOption(String type, String key) {
    return false;
  }

  /**
   * What is wrong with an option, in the words of Linux; null if nothing is.
   *
   * @param value null for an option without one
   */
  default @Nullable String wrongOption(
      String type, String key, @Nullable String value, Credentials maker) {
    return null;
  }
}
