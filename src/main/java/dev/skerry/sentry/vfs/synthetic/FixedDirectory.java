package dev.skerry.sentry.vfs.synthetic;

import dev.skerry.sentry.vfs.DirectoryEntry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A directory that always has the same names. They are made when somebody asks for the first time.
 */
public abstract class FixedDirectory extends GeneratedDirectory {
  private @Nullable Map<String, GeneratedInode> children;

  protected FixedDirectory(GeneratedFileSystem fileSystem, long number) {
    super(fileSystem, number, 0555);
  }

  protected FixedDirectory(GeneratedFileSystem fileSystem) {
    this(fileSystem, fileSystem.nextNumber());
  }

  /** Puts all names into the map. Called once. */
  protected abstract void fill(Map<String, GeneratedInode> names);

  private synchronized Map<String, GeneratedInode> children() {
    Map<String, GeneratedInode> present = children;
    if (present == null) {
      present = new LinkedHashMap<>();
      fill(present);
      children = present;
    }
    return present;
  }

  @Override
  public @Nullable GeneratedInode lookup(String name) {
    return children().get(name);
  }

  @Override
  public List<DirectoryEntry> entries() {
    Map<String, GeneratedInode> present = children();
    List<DirectoryEntry> list = new ArrayList<>(present.size());
    for (Map.Entry<String, GeneratedInode> child : present.entrySet()) {
      list.add(entry(child.getKey(), child.getValue().number(), child.getValue().type()));
    }
    return list;
  }
}
