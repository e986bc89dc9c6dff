package dev.skerry.sentry.fs.gofer;

import dev.skerry.goferproto.Entry;
import dev.skerry.goferproto.Response;
import dev.skerry.goferproto.TreeFile;
import dev.skerry.sentry.vfs.DirectoryEntry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the gofer found in one tree, as names that are known. */
final class Forest {
  private final List<TreeFile> files;
  private final List<GoferInode> inodes;
  private int listings;
  private int others;

  /**
   * @param inodes of the files
   */
  Forest(Response.Tree tree, List<GoferInode> inodes) {
    this.files = tree.files();
    this.inodes = inodes;
    List<@Nullable Batch> batches = new ArrayList<>();
    batches.add(null);
    for (int i = 0; i < files.size(); i++) {
      TreeFile file = files.get(i);
      if (file.entries() != null) {
        listings++;
        batches.add(null);
      }
      GoferInode inode = inodes.get(i);
      if (!inode.isDirectory()) {
        others++;
        Batch batch = batches.get(file.listing());
        batches.set(file.listing(), (batch == null ? new Batch() : batch).with(inode));
      }
    }
  }

  /** How many directories are listed. */
  int listings() {
    return listings;
  }

  /** How many files are no directories. */
  int others() {
    return others;
  }

  /** Names that there was no room for can be asked for again. */
  void takeBack(KnownNames names, List<String> wanted) {
    boolean[] answered = new boolean[wanted.size()];
    for (TreeFile file : files) {
      if (file.listing() == 0) {
        answered[file.entry()] = true;
      }
    }
    for (int i = 0; i < answered.length; i++) {
      if (!answered[i]) {
        names.notAnswered(wanted.get(i));
      }
    }
  }

  /**
   * Adds the files to their directories' names, but for the first, which somebody has asked for.
   *
   * @param first names of the directory where the tree begins
   * @return the names of directories that were listed
   */
  Set<Map.Entry<GoferDirectory, KnownNames>> plant(KnownNames first, List<String> wanted) {
    Map<GoferDirectory, KnownNames> listed = new LinkedHashMap<>();
    List<KnownNames> known = new ArrayList<>(listings + 1);
    known.add(first);
    for (int i = 0; i < inodes.size(); i++) {
      TreeFile file = files.get(i);
      GoferInode inode = inodes.get(i);
      if (file.listing() > 0) {
        known.get(file.listing()).keepAt(file.entry(), inode);
      } else if (i > 0) {
        first.keep(wanted.get(file.entry()), inode);
      }
      List<Entry> entries = file.entries();
      if (entries != null) {
        KnownNames names = new KnownNames(entriesOf(entries), true);
        known.add(names);
        if (inode instanceof GoferDirectory directory) {
          listed.putIfAbsent(directory, names);
        }
      }
    }
    return listed.entrySet();
  }

  static List<DirectoryEntry> entriesOf(List<Entry> entries) {
    List<DirectoryEntry> names = new ArrayList<>(entries.size());
    for (Entry entry : entries) {
      names.add(new DirectoryEntry(entry.name(), entry.ino(), entry.type()));
    }
    return names;
  }
}
