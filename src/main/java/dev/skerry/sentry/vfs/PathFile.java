package dev.skerry.sentry.vfs;

/** A file opened with O_PATH: a place, and nothing to do with it but to name it. */
public class PathFile extends PlacedFile {
  PathFile(VfsPath path, int flags) {
    super(path, flags);
  }

  @Override
  protected void release() {}

  @Override
  public boolean hasSpliceRead() {
    return false;
  }

  @Override
  public boolean hasSpliceWrite() {
    return false;
  }
}
