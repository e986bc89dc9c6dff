package dev.skerry.sentry.fs.sys;

import dev.skerry.sentry.vfs.synthetic.GeneratedFile;
import java.util.function.Supplier;

/** A file of /sys. */
final class SysFile extends GeneratedFile {
  /** What stat(2) tells of all of them. */
  private static final int SIZE = 4096;

  private final Supplier<String> text;

  SysFile(SysFileSystem fileSystem, Supplier<String> text) {
    super(fileSystem, fileSystem.nextNumber(), 0444);
    this.text = text;
  }

  @Override
  protected String text() {
    return text.get();
  }

  @Override
  protected long size() {
    return SIZE;
  }
}
