package dev.skerry.sentry.vfs.synthetic;

/** A symbolic link that always leads to the same place. */
public final class FixedLink extends GeneratedLink {
  private final String target;

  public FixedLink(GeneratedFileSystem fileSystem, String target) {
    super(fileSystem, fileSystem.nextNumber(), 0777);
    this.target = target;
  }

  @Override
  public String readlink() {
    return target;
  }

  @Override
  protected long size() {
    return target.length();
  }
}
