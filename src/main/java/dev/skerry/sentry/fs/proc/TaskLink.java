package dev.skerry.sentry.fs.proc;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.vfs.MagicTarget;
import dev.skerry.sentry.vfs.Owner;
import dev.skerry.sentry.vfs.VfsPath;
import dev.skerry.sentry.vfs.synthetic.GeneratedLink;
import org.jspecify.annotations.Nullable;

/** /proc/PID/cwd, root and exe. */
final class TaskLink extends GeneratedLink {
  /** Which of them. */
  enum Kind {
    CWD("cwd"),
    EXE("exe"),
    ROOT("root");

    static final Kind[] ALL = values();
    private static final int FIRST_INDEX = 150;

    private final String fileName;

    Kind(String fileName) {
      this.fileName = fileName;
    }

    static @Nullable Kind named(String name) {
      for (Kind kind : ALL) {
        if (kind.fileName.equals(name)) {
          return kind;
        }
      }
      return null;
    }

    String fileName() {
      return fileName;
    }

    int index() {
      return FIRST_INDEX + ordinal();
    }
  }

  private final Subject subject;
  private final Kind kind;

  TaskLink(Subject subject, Kind kind) {
    super(subject.fileSystem(), subject.inode(Subject.OWN, kind.index()), 0777);
    this.subject = subject;
    this.kind = kind;
  }

  @Override
  protected Subject subject() {
    return subject;
  }

  @Override
  protected Owner owner() {
    return subject.owner();
  }

  private VfsPath target() throws ErrnoException {
    subject.checkInspect(Errno.EACCES);
    Task task = subject.live();
    VfsPath path =
        task == null
            ? null
            : switch (kind) {
              case CWD -> task.fs().cwd();
              case EXE -> task.mm().executable();
              case ROOT -> task.fs().root();
            };
    if (path == null) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    return path;
  }

  @Override
  public String readlink() throws ErrnoException {
    return PlaceNames.shown(target());
  }

  @Override
  public MagicTarget magicTarget() throws ErrnoException {
    return new MagicTarget(target(), null);
  }
}
