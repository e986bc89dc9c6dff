package dev.skerry.gofer;

import dev.skerry.abi.Errno;
import dev.skerry.goferproto.Entry;
import dev.skerry.goferproto.FindTree;
import dev.skerry.goferproto.Found;
import dev.skerry.goferproto.Limits;
import dev.skerry.goferproto.RequestException;
import dev.skerry.goferproto.Response;
import dev.skerry.goferproto.TreeFile;
import dev.skerry.hostos.Host;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Serves one {@link FindTree}: goes down into each directory before it goes on to the next. */
final class TreeFinder {
  /** readdir(3). */
  private static final int DT_DIR = 4;

  /** Of a message, for what is not of a file. */
  private static final int HEADER = 64;

  /** A directory that is listed, with a reference of its own. */
  private static final class Level {
    final Handle directory;
    final int listing;
    final List<Entry> entries;
    int next;

    /** How many files in it may be told of that are no directories. */
    int othersLeft = Limits.FIND;

    Level(Handle directory, int listing, List<Entry> entries) {
      this.directory = directory;
      this.listing = listing;
      this.entries = entries;
    }
  }

  private final HostFiles files;
  private final HandleTable handles;
  private final FindTree request;
  private final List<TreeFile> found = new ArrayList<>();
  private final ArrayDeque<Level> levels = new ArrayDeque<>();
  private final byte[] raw = new byte[Listing.BYTES];

  /** Bytes that are left of the message. */
  private int room = Limits.MESSAGE - HEADER;

  private int listings;
  private boolean full;

  TreeFinder(HostFiles files, HandleTable handles, FindTree request) {
    this.files = files;
    this.handles = handles;
    this.request = request;
  }

  /**
   * @throws RequestException if the first name cannot be looked up
   */
  Response.Tree find(Handle directory) throws RequestException {
    directory.requireDirectory();
    try {
      for (int i = 0; i < request.names().size() && !full; i++) {
        try {
          take(directory, request.names().get(i), 0, i);
        } catch (RequestException e) {
          if (i == 0) {
            throw e;
          }
          skip(e);
        }
        descend();
      }
    } finally {
      while (!levels.isEmpty()) {
        levels.pop().directory.close();
      }
    }
    return new Response.Tree(found);
  }

  private void descend() {
    while (!levels.isEmpty() && !full) {
      Level level = levels.peek();
      if (level.next == level.entries.size()) {
        levels.pop().directory.close();
        continue;
      }
      int position = level.next++;
      Entry entry = level.entries.get(position);
      if (entry.type() == DT_DIR || (request.all() && level.othersLeft-- > 0)) {
        try {
          take(level.directory, entry.name(), level.listing, position);
        } catch (RequestException e) {
          skip(e);
        }
      }
    }
  }

  /** A file of which nothing is told is asked for by itself. */
  private void skip(RequestException e) {
    full |= e.errno() == Errno.ENFILE;
  }

  /** Looks a name up, and lists it if it is a directory and there is room. */
  private void take(Handle directory, String name, int listing, int entry) throws RequestException {
    if (room < TreeFile.SIZE) {
      full = true;
      return;
    }
    int fd = HostFiles.openIn(directory.fd(), name, HostFiles.O_PATH, 0);
    Found file = files.add(fd, directory.mount());
    Handle handle = handles.acquire(file.handle());
    room -= TreeFile.SIZE;
    List<Entry> entries = handle.isDirectory() ? list(handle) : null;
    found.add(new TreeFile(listing, entry, file, entries));
    if (entries == null) {
      handle.close();
    } else {
      levels.push(new Level(handle, listings, entries));
    }
  }

  /** All names of a directory; null if there is no room for them. */
  private @Nullable List<Entry> list(Handle directory) {
    if (listings == request.listings()) {
      full = true;
      return null;
    }
    List<Entry> entries = new ArrayList<>();
    try {
      // Shorter than the way through the descriptors' directory, and as certain.
      int flags = HostFiles.O_RDONLY | HostFiles.O_DIRECTORY;
      int fd = HostFiles.openIn(directory.fd(), ".", flags, 0);
      try {
        if (!Listing.takeAll(fd, raw, entries)) {
          return null;
        }
      } finally {
        Host.os().close(fd);
      }
    } catch (RequestException e) {
      skip(e);
      return null;
    }
    int size = Integer.BYTES;
    for (Entry entry : entries) {
      size += Entry.SIZE + entry.name().length();
    }
    if (size > room) {
      full = true;
      return null;
    }
    room -= size;
    listings++;
    return entries;
  }
}
