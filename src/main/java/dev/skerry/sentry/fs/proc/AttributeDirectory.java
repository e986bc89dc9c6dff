package dev.skerry.sentry.fs.proc;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.vfs.DirectoryEntry;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.Owner;
import dev.skerry.sentry.vfs.synthetic.GeneratedDirectory;
import dev.skerry.sentry.vfs.synthetic.GeneratedFile;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * /proc/PID/attr (proc_pid_attr(5)): attributes of security modules. There is none, so every file
 * fails with EINVAL, as on a Linux without.
 */
final class AttributeDirectory extends GeneratedDirectory {
  private static final String PREVIOUS = "prev";
  private static final String[] NAMES = {
    "current", "exec", "fscreate", "keycreate", PREVIOUS, "sockcreate"
  };

  private final Subject subject;

  AttributeDirectory(Subject subject, long number) {
    super(subject.fileSystem(), number, 0555);
    this.subject = subject;
  }

  @Override
  protected Subject subject() {
    return subject;
  }

  @Override
  protected Owner owner() {
    return subject.directoryOwner();
  }

  @Override
  public @Nullable Inode lookup(String name) throws ErrnoException {
    subject.present();
    for (int i = 0; i < NAMES.length; i++) {
      if (NAMES[i].equals(name)) {
        return new Attribute(subject, number() + 1 + i, name.equals(PREVIOUS) ? 0444 : 0666);
      }
    }
    return null;
  }

  @Override
  public List<DirectoryEntry> entries() throws ErrnoException {
    subject.presentDirectory();
    List<DirectoryEntry> list = new ArrayList<>();
    for (int i = 0; i < NAMES.length; i++) {
      list.add(entry(NAMES[i], number() + 1 + i, S_IFREG));
    }
    return list;
  }

  private static final class Attribute extends GeneratedFile {
    private final Subject subject;

    Attribute(Subject subject, long number, int permissions) {
      super(subject.fileSystem(), number, permissions);
      this.subject = subject;
    }

    @Override
    protected Subject subject() {
      return subject;
    }

    @Override
    protected Owner owner() {
      return subject.owner();
    }

    @Override
    protected boolean opensForWriting() {
      return true;
    }

    @Override
    protected String text() throws ErrnoException {
      throw ErrnoException.of(Errno.EINVAL);
    }

    @Override
    protected void accept(String text) throws ErrnoException {
      throw ErrnoException.of(Errno.EINVAL);
    }
  }
}
