package dev.skerry.sentry.fs;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.fs.dev.MemoryDevices;
import dev.skerry.sentry.fs.pipe.Fifos;
import dev.skerry.sentry.fs.tty.TerminalDevices;
import dev.skerry.sentry.fs.tty.Terminals;
import dev.skerry.sentry.kernel.FdTable;
import dev.skerry.sentry.kernel.FsContext;
import dev.skerry.sentry.kernel.HostClock;
import dev.skerry.sentry.kernel.Kernel;
import dev.skerry.sentry.kernel.NsProxy;
import dev.skerry.sentry.kernel.Rlimits;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.TaskParts;
import dev.skerry.sentry.kernel.UtsNamespace;
import dev.skerry.sentry.mm.HostProc;
import dev.skerry.sentry.mm.MemoryManager;
import dev.skerry.sentry.platform.FakeGuestThread;
import dev.skerry.sentry.socket.inet.NetworkNamespace;
import dev.skerry.sentry.usermem.ArrayBuffer;
import dev.skerry.sentry.vfs.DeviceTable;
import dev.skerry.sentry.vfs.FileSystem;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.MountNamespace;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.Origin;
import dev.skerry.sentry.vfs.VfsPath;
import dev.skerry.sentry.vfs.VirtualFileSystem;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A kernel with one process, whose host thread is the test's own, and a tree of one file system.
 */
public final class GuestView {
  /** Makes the file system at the root. */
  public interface Maker {
    FileSystem make(Kernel kernel, Terminals terminals) throws ErrnoException;
  }

  /** What the process does in a system call. */
  public interface Action<T> {
    T run() throws ErrnoException;
  }

  private static final long BIG_ENOUGH = 1 << 20;

  private final Kernel kernel;
  private final Terminals terminals;
  private final VfsPath root;
  private final Task task;
  private final FakeGuestThread thread = FakeGuestThread.create();

  public GuestView(Maker maker) throws ErrnoException {
    HostProc.open();
    DeviceTable devices = new DeviceTable(Fifos::open);
    MemoryDevices.register(devices);
    kernel = new Kernel(new VirtualFileSystem(devices), new UtsNamespace("guest"), new HostClock());
    terminals = new Terminals(kernel);
    TerminalDevices.register(devices, terminals, -1);
    MountNamespace namespace = kernel.vfs().createNamespace(maker.make(kernel, terminals), 0);
    root = namespace.root();
    TaskParts parts =
        new TaskParts(
            new FdTable(1024),
            new FsContext(root, root, 022),
            NsProxy.of(kernel.uts(), kernel.pids(), new NetworkNamespace(), namespace),
            new MemoryManager(0, 0),
            Credentials.ROOT,
            "init");
    task = kernel.createInit(parts, new Rlimits());
    thread.setHostTid((int) ProcessHandle.current().pid());
    task.setThread(thread);
    thread.setProgram(task);
  }

  public Kernel kernel() {
    return kernel;
  }

  public Task task() {
    return task;
  }

  public VfsPath root() {
    return root;
  }

  public Origin origin() {
    return new Origin(Credentials.ROOT, root, task.fs().cwd(), 022);
  }

  /** Runs the action as the process's own call. */
  public <T> T call(Action<T> action) throws ErrnoException {
    List<T> result = new ArrayList<>();
    List<ErrnoException> failure = new ArrayList<>();
    kernel.setDispatcher(
        (caller, number, arguments) -> {
          try {
            result.add(action.run());
          } catch (ErrnoException e) {
            failure.add(e);
          }
          return 0;
        });
    thread.call(0);
    if (!failure.isEmpty()) {
      throw failure.getFirst();
    }
    return result.getFirst();
  }

  public OpenFileDescription open(String path, int flags) throws ErrnoException {
    return call(() -> kernel.vfs().open(origin(), null, path, flags, 0, 0));
  }

  /** The whole file. */
  public String read(String path) throws ErrnoException {
    OpenFileDescription file = open(path, OpenFlags.O_RDONLY);
    byte[] bytes = new byte[(int) BIG_ENOUGH];
    ArrayBuffer buffer = new ArrayBuffer(bytes);
    long moved;
    do {
      moved = ErrnoException.check(call(() -> file.read(buffer)));
    } while (moved > 0);
    file.drop();
    return new String(bytes, 0, buffer.position(), StandardCharsets.ISO_8859_1);
  }

  /** Writes all in one call. Returns its result. */
  public long write(String path, String text) throws ErrnoException {
    OpenFileDescription file = open(path, OpenFlags.O_WRONLY);
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    long result = call(() -> file.write(new ArrayBuffer(bytes)));
    file.drop();
    return result;
  }

  public Inode inode(String path) throws ErrnoException {
    return call(() -> kernel.vfs().walk(origin(), null, path, 0).inode());
  }

  public String readlink(String path) throws ErrnoException {
    return call(() -> kernel.vfs().walk(origin(), null, path, 0).inode().readlink());
  }

  /** The names in a directory, sorted. */
  public List<String> list(String path) throws ErrnoException {
    OpenFileDescription file = open(path, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
    List<String> names = new ArrayList<>();
    ErrnoException.check(
        call(
            () ->
                file.readDirectory(
                    (name, number, type, next) -> {
                      names.add(name);
                      return true;
                    })));
    file.drop();
    names.remove(".");
    names.remove("..");
    names.sort(null);
    return names;
  }

  /** The positive error number that the action fails with; 0 if it does not. */
  public int errno(Action<?> action) {
    try {
      action.run();
      return 0;
    } catch (ErrnoException e) {
      return e.errno();
    }
  }

  /** Whether there is no such file. */
  public boolean isMissing(String path) {
    return errno(() -> inode(path)) == Errno.ENOENT;
  }
}
