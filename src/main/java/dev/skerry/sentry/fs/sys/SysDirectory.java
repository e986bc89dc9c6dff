package dev.skerry.sentry.fs.sys;

import dev.skerry.sentry.vfs.synthetic.FixedDirectory;
import dev.skerry.sentry.vfs.synthetic.FixedLink;
import dev.skerry.sentry.vfs.synthetic.GeneratedInode;
import java.util.Map;

/** A directory of /sys. */
final class SysDirectory extends FixedDirectory {
  private final SysFileSystem sys;
  private final SysTree tree;

  /** The path from /sys, empty or with a slash at its end. */
  private final String prefix;

  SysDirectory(SysFileSystem fileSystem, SysTree tree, String prefix, long number) {
    super(fileSystem, number);
    this.sys = fileSystem;
    this.tree = tree;
    this.prefix = prefix;
  }

  @Override
  protected void fill(Map<String, GeneratedInode> names) {
    for (Map.Entry<String, SysTree.Node> entry : tree.nodes().entrySet()) {
      String path = entry.getKey();
      if (!path.startsWith(prefix)) {
        continue;
      }
      int slash = path.indexOf('/', prefix.length());
      String name = path.substring(prefix.length(), slash < 0 ? path.length() : slash);
      if (!names.containsKey(name)) {
        names.put(name, slash < 0 ? make(name, entry.getValue()) : directory(name));
      }
    }
  }

  private GeneratedInode make(String name, SysTree.Node node) {
    return switch (node.kind()) {
      case DIRECTORY -> directory(name);
      case FILE -> new SysFile(sys, node::value);
      case MEMORY -> new SysFile(sys, tree::memory);
      case LINK -> new FixedLink(sys, node.value());
    };
  }

  private SysDirectory directory(String name) {
    return new SysDirectory(sys, tree, prefix + name + "/", sys.nextNumber());
  }
}
