package dev.skerry.sentry.fs.gofer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.skerry.goferproto.Limits;
import dev.skerry.goferproto.Response;
import dev.skerry.sentry.vfs.DirectoryEntry;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of names before they are asked for, where nobody but the sentry changes them: of a
 * directory that was listed or made, which names there are, and the files of those that are likely
 * to be looked up next. It follows the sentry's own changes.
 */
final class NamesAhead {
  /** Of all directories together. */
  private static final int MOST_NAMES = 32_768;

  private static final int MOST_DIRECTORIES = 2048;
  private static final int MOST_FOUND = 4096;
  private static final float LOAD = 0.75f;

  /**
   * What is known of a name: the file, or that there is none, or what to ask the gofer for.
   *
   * @param names empty, or the name and others that are wanted soon
   * @param listings how many directories are likely to be listed soon, from those names on
   */
  record Answer(List<String> names, int listings, @Nullable GoferInode inode) {
    static final Answer NONE = new Answer(List.of(), 0, null);
  }

  /** A directory that is listed after another one speaks for many to come. */
  private static final int MISSED = 4;

  /** Fewer listings are not worth it. */
  private static final int FEW = 3;

  private final AheadWindow window = new AheadWindow(Limits.FIND);

  /** Of directories that are listed before anybody asks for that. */
  private final AheadWindow listings = AheadWindow.closed(Limits.LISTINGS);

  /** Of files in those that are no directories. */
  private final AheadWindow others = AheadWindow.closed(Limits.FIND);

  /** The least recently used first. */
  @GuardedBy("this")
  private final LinkedHashMap<GoferDirectory, KnownNames> directories =
      new LinkedHashMap<>(16, LOAD, true);

  @GuardedBy("this")
  private int nameCount;

  @GuardedBy("this")
  private int foundCount;

  /** Counts changes of names anywhere. */
  @GuardedBy("this")
  private int changes;

  /** To be read before something is asked for, for {@link #made}. */
  synchronized int changes() {
    return changes;
  }

  /** Whether all names of the directory are known. */
  synchronized boolean has(GoferDirectory directory) {
    return directories.containsKey(directory);
  }

  /** What is known of the name; null if nothing is. */
  synchronized @Nullable Answer find(GoferDirectory directory, String name) {
    KnownNames names = directories.get(directory);
    if (names == null) {
      return null;
    }
    GoferInode file = names.take(name);
    if (file != null) {
      foundCount--;
      window.used();
      if (!file.isDirectory()) {
        others.used();
      }
      return new Answer(List.of(), 0, file);
    }
    int position = names.position(name);
    if (position < 0) {
      return Answer.NONE;
    }
    List<String> wanted = names.wanted(position, window.size());
    int trees = names.isDirectory(position) ? listings.size() : 0;
    if (trees >= FEW) {
      return new Answer(wanted, trees, null);
    }
    window.fetched(wanted.size() - 1);
    if (names.cameUnasked() && !names.isDirectory(position)) {
      others.missed(wanted.size());
    }
    return new Answer(wanted, 0, null);
  }

  /** Whether files are looked up where only directories are found unasked. */
  boolean wantsOthers() {
    return others.size() > FEW;
  }

  /**
   * A directory is to be listed that might have been before.
   *
   * @return what to ask for to list others with it; null if there is nothing
   */
  synchronized @Nullable Answer findAgain(GoferDirectory.ListedIn place) {
    listings.missed(MISSED);
    KnownNames names = directories.get(place.parent());
    int position = names == null ? -1 : names.position(place.name());
    int trees = listings.size();
    if (names == null || position < 0 || !names.isDirectory(position) || trees < FEW) {
      return null;
    }
    takeAgain(names, place.name());
    return new Answer(names.wanted(position, window.size()), trees, null);
  }

  /** All names of the directory; null if they are not known. */
  synchronized @Nullable List<DirectoryEntry> entries(GoferDirectory directory) {
    KnownNames names = directories.get(directory);
    if (names == null) {
      return null;
    }
    if (names.use()) {
      listings.used();
      GoferDirectory.ListedIn place = directory.listedIn();
      KnownNames around = place == null ? null : directories.get(place.parent());
      if (place != null && around != null) {
        takeAgain(around, place.name());
      }
    }
    return names.entries();
  }

  /** A file that was found ahead is known otherwise. */
  @GuardedBy("this")
  private void takeAgain(KnownNames names, String name) {
    if (names.take(name) != null) {
      foundCount--;
      window.used();
    }
  }

  /**
   * Keeps what was found for some names and below, but for the first file.
   *
   * @param wanted the names that were asked for
   * @param files the inodes of the tree's files
   * @param since what {@link #changes} was before the gofer was asked
   */
  void grown(
      GoferDirectory directory,
      List<String> wanted,
      Response.Tree tree,
      List<GoferInode> files,
      int since) {
    Forest forest = new Forest(tree, files);
    synchronized (this) {
      KnownNames names = directories.get(directory);
      if (names != null) {
        forest.takeBack(names, wanted);
      }
      window.fetched(files.size() - 1);
      listings.fetched(forest.listings());
      others.fetched(forest.others());
      if (names == null || changes != since) {
        return;
      }
      nameCount -= names.size();
      foundCount -= names.foundCount();
      for (Map.Entry<GoferDirectory, KnownNames> listed : forest.plant(names, wanted)) {
        if (directories.putIfAbsent(listed.getKey(), listed.getValue()) == null) {
          nameCount += listed.getValue().size();
          foundCount += listed.getValue().foundCount();
        }
      }
      nameCount += names.size();
      foundCount += names.foundCount();
      shrink();
    }
  }

  /**
   * Keeps the files that were found for some names, but for the first.
   *
   * @param since what the directory's changes were before the gofer was asked
   */
  void found(
      GoferDirectory directory, List<String> wanted, @Nullable GoferInode[] files, int since) {
    Batch.of(files);
    synchronized (this) {
      KnownNames names = directories.get(directory);
      if (names == null || directory.changes() != since) {
        return;
      }
      int before = names.foundCount();
      for (int i = 1; i < files.length; i++) {
        GoferInode file = files[i];
        if (file != null) {
          names.keep(wanted.get(i), file);
        }
      }
      foundCount += names.foundCount() - before;
      shrink();
    }
  }

  /** Keeps the names of a directory. */
  synchronized void listed(GoferDirectory directory, List<DirectoryEntry> entries, int since) {
    if (entries.size() > MOST_NAMES || directory.changes() != since) {
      return;
    }
    forget(directory);
    directories.put(directory, new KnownNames(entries, false));
    nameCount += entries.size();
    shrink();
  }

  /**
   * A directory was made: nothing is in it unless something has changed meanwhile.
   *
   * @param since what {@link #changes} was before the gofer was asked to make it, which counts once
   */
  synchronized void made(GoferDirectory directory, int since) {
    if (changes == since + 1) {
      listed(directory, List.of(), directory.changes());
    }
  }

  /** A name was taken out of a directory, or stands for another file soon. */
  synchronized void removed(GoferDirectory directory, String name) {
    changes++;
    KnownNames names = directories.get(directory);
    if (names != null) {
      int size = names.size();
      int found = names.foundCount();
      names.remove(name);
      nameCount += names.size() - size;
      foundCount += names.foundCount() - found;
    }
  }

  /** A file has a name now. */
  synchronized void added(GoferDirectory directory, DirectoryEntry entry) {
    changes++;
    KnownNames names = directories.get(directory);
    if (names != null) {
      int size = names.size();
      int found = names.foundCount();
      names.add(entry);
      nameCount += names.size() - size;
      foundCount += names.foundCount() - found;
      shrink();
    }
  }

  /** Names of a directory have changed, and it is not known how. */
  synchronized void changed(GoferDirectory directory) {
    changes++;
    forget(directory);
  }

  @GuardedBy("this")
  private void shrink() {
    Iterator<Map.Entry<GoferDirectory, KnownNames>> oldest = directories.entrySet().iterator();
    while (nameCount > MOST_NAMES
        || foundCount > MOST_FOUND
        || directories.size() > MOST_DIRECTORIES) {
      KnownNames names = oldest.next().getValue();
      oldest.remove();
      nameCount -= names.size();
      foundCount -= names.foundCount();
    }
  }

  /** Nothing is known of the directory any more. */
  @GuardedBy("this")
  private void forget(GoferDirectory directory) {
    KnownNames names = directories.remove(directory);
    if (names != null) {
      nameCount -= names.size();
      foundCount -= names.foundCount();
    }
  }

  synchronized void clear() {
    directories.clear();
    nameCount = 0;
    foundCount = 0;
  }
}
