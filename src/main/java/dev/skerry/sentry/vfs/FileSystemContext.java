package dev.skerry.sentry.vfs;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.usermem.IoBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A file system that is being configured (fsopen(2), fspick(2)); reading it tells what was wrong.
 * Its monitor guards all. Linux: struct fs_context.
 */
public final class FileSystemContext extends OpenFileDescription {
  private static final int O_RDWR = 2;

  /** How many messages are kept. */
  private static final int MOST_MESSAGES = 8;

  /** All options together, as for mount(2). */
  private static final int MOST_OPTIONS = 4096;

  private static final Set<String> SET = Set.of("dirsync", "lazytime", "mand", "ro", "sync");
  private static final Set<String> CLEARED = Set.of("async", "nolazytime", "nomand", "rw");

  private enum Phase {
    CREATE_PARAMETERS,
    AWAITING_MOUNT,
    RECONFIGURE_PARAMETERS,
    FAILED
  }

  private final FileSystemTypes types;
  private final String type;
  private final ArrayDeque<String> messages = new ArrayDeque<>();
  private final StringBuilder options = new StringBuilder();
  private Phase phase;
  private @Nullable String source;
  private boolean readOnly;

  /** What was made and not yet mounted. */
  private @Nullable FileSystem made;

  /** What is or was mounted. */
  private @Nullable FileSystem mounted;

  /** For a new file system of a type that there is. */
  public FileSystemContext(FileSystemTypes types, String type) {
    super(O_RDWR);
    this.types = types;
    this.type = type;
    this.phase = Phase.CREATE_PARAMETERS;
  }

  /** For other parameters of one that is mounted. */
  public FileSystemContext(FileSystemTypes types, FileSystem fileSystem) {
    super(O_RDWR);
    this.types = types;
    this.type = fileSystem.type();
    this.phase = Phase.RECONFIGURE_PARAMETERS;
    this.mounted = fileSystem;
    this.readOnly = fileSystem.isReadOnly();
    fileSystem.used();
  }

  @Override
  protected void release() {
    FileSystem unused = made;
    FileSystem used = mounted;
    if (unused != null) {
      unused.discard();
    }
    if (used != null) {
      used.unused();
    }
  }

  @Override
  public String displayName() {
    return "anon_inode:[fscontext]";
  }

  @Override
  public Stat stat() {
    return AnonymousInodes.shared();
  }

  @Override
  public synchronized long read(IoBuffer target) {
    String message = messages.peek();
    if (message == null) {
      return -Errno.ENODATA;
    }
    byte[] bytes = message.getBytes(StandardCharsets.ISO_8859_1);
    if (target.remaining() < bytes.length) {
      return -Errno.EMSGSIZE;
    }
    messages.remove();
    return target.put(bytes, 0, bytes.length) == bytes.length ? bytes.length : -Errno.EFAULT;
  }

  private ErrnoException refuse(String message) {
    if (messages.size() == MOST_MESSAGES) {
      messages.remove();
    }
    messages.add("e " + message + "\n");
    return ErrnoException.of(Errno.EINVAL);
  }

  /**
   * FSCONFIG_SET_FLAG, FSCONFIG_SET_STRING.
   *
   * @param value null for a flag
   * @param isText whether a value is a string, and no path, descriptor or bytes
   */
  public synchronized void set(
      String key, @Nullable String value, boolean isText, Credentials setter)
      throws ErrnoException {
    if (phase != Phase.CREATE_PARAMETERS && phase != Phase.RECONFIGURE_PARAMETERS) {
      throw ErrnoException.of(Errno.EBUSY);
    }
    if (SET.contains(key) || CLEARED.contains(key)) {
      readOnly = key.equals("ro") || (readOnly && !key.equals("rw"));
      return;
    }
    if (key.equals("source")) {
      setSource(value, isText);
      return;
    }
    boolean known = types.hasOption(type, key);
    String wrong = known ? null : "Unknown parameter '" + key + "'";
    if (known) {
      boolean flagOrText = value == null || isText;
      wrong =
          flagOrText ? types.wrongOption(type, key, value, setter) : "Bad value for '" + key + "'";
    }
    if (wrong != null) {
      throw refuse(type + ": " + wrong);
    }
    add(key, value);
  }

  private void setSource(@Nullable String value, boolean isText) throws ErrnoException {
    if (value == null || !isText) {
      throw refuse("Non-string source");
    }
    if (source != null) {
      throw refuse("Multiple sources");
    }
    source = value;
  }

  private void add(String key, @Nullable String value) throws ErrnoException {
    int length = key.length() + (value == null ? 0 : value.length()) + 2;
    // Options go to the file system as those of mount(2) do, where a comma ends one.
    boolean unclear = value != null && value.indexOf(',') >= 0;
    if (unclear || options.length() + length > MOST_OPTIONS) {
      throw refuse(type + ": Bad value for '" + key + "'");
    }
    options.append(options.isEmpty() ? "" : ",").append(key);
    if (value != null) {
      options.append('=').append(value);
    }
  }

  /** FSCONFIG_CMD_CREATE. */
  public synchronized void create(Origin origin) throws ErrnoException {
    if (phase != Phase.CREATE_PARAMETERS) {
      throw ErrnoException.of(Errno.EBUSY);
    }
    types.checkMayMake(type, origin.credentials());
    phase = Phase.FAILED;
    FileSystem fresh = types.make(type, options.toString(), origin);
    fresh.setReadOnly(readOnly);
    made = fresh;
    phase = Phase.AWAITING_MOUNT;
  }

  /** FSCONFIG_CMD_RECONFIGURE: of what is mounted only whether it is read-only can be changed. */
  public synchronized void reconfigure(boolean isAllowed) throws ErrnoException {
    FileSystem fileSystem = mounted;
    if (phase != Phase.RECONFIGURE_PARAMETERS || fileSystem == null) {
      throw ErrnoException.of(Errno.EBUSY);
    }
    phase = Phase.FAILED;
    if (!isAllowed) {
      throw ErrnoException.of(Errno.EPERM);
    }
    fileSystem.setReadOnly(readOnly);
    options.setLength(0);
    source = null;
    phase = Phase.RECONFIGURE_PARAMETERS;
  }

  /** The mounted file system; null before fsmount(2). */
  public synchronized @Nullable FileSystem mounted() {
    return mounted;
  }

  /**
   * fsmount(2).
   *
   * @param flags MS_ flags of {@link Mount}
   * @throws ErrnoException EINVAL before it is made, EBUSY if it is mounted already
   */
  public synchronized TreeFile mount(TreeChanges tree, int flags) throws ErrnoException {
    FileSystem fileSystem = made;
    if (fileSystem == null) {
      throw ErrnoException.of(mounted == null ? Errno.EINVAL : Errno.EBUSY);
    }
    boolean reveals = type.equals("proc") || type.equals("sysfs");
    String name = source == null ? "none" : source;
    // The context goes on with what is mounted, so it is a user, too.
    fileSystem.used();
    TreeFile file;
    try {
      file = tree.openNew(fileSystem, name, flags, reveals);
    } finally {
      made = null;
      mounted = fileSystem;
    }
    options.setLength(0);
    source = null;
    phase = Phase.RECONFIGURE_PARAMETERS;
    return file;
  }
}
