package dev.skerry.sentry.fs.proc;

import dev.skerry.sentry.kernel.IpcListing;
import dev.skerry.sentry.kernel.Kernel;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.vfs.Changes;
import dev.skerry.sentry.vfs.synthetic.GeneratedFile;

/** A list of System V objects, in /proc/sysvipc: those of the namespace that the reader is in. */
final class IpcFile extends GeneratedFile {
  private final Kernel kernel;
  private final IpcListing.Kind kind;

  IpcFile(ProcFileSystem fileSystem, IpcListing.Kind kind) {
    super(fileSystem, fileSystem.nextNumber(), 0444);
    this.kernel = fileSystem.kernel();
    this.kind = kind;
  }

  @Override
  protected Changes changes() {
    return Changes.NONE;
  }

  @Override
  protected String text() {
    Task reader = Task.current();
    return reader == null ? "" : kernel.ipcListing().list(reader, kind);
  }
}
