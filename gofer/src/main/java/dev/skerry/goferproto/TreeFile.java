package dev.skerry.goferproto;

import dev.skerry.wire.MessageReader;
import dev.skerry.wire.MessageWriter;
import dev.skerry.wire.WireException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A file of a tree, as {@link FindTree} tells of it.
 *
 * @param listing which list of names the file's is in: 0 for those of the request, then the
 *     listings of the files before, in their order
 * @param entry where in the list the name is, from 0 on
 * @param entries all names of a directory that was listed, else null
 */
public record TreeFile(int listing, int entry, Found file, @Nullable List<Entry> entries) {
  /** Bytes of the encoding without the names. */
  public static final int SIZE = 2 * Integer.BYTES + Found.SIZE + 1;

  private static final int S_IFMT = 0170000;
  private static final int S_IFDIR = 0040000;

  void write(MessageWriter out) {
    out.i32(listing).i32(entry);
    file.write(out);
    List<Entry> names = entries;
    out.bool(names != null);
    if (names != null) {
      out.i32(names.size());
      for (Entry name : names) {
        name.write(out);
      }
    }
  }

  static TreeFile read(MessageReader in) throws WireException {
    int listing = in.i32();
    int entry = in.i32();
    Found file = Found.read(in);
    List<Entry> entries = null;
    if (in.bool()) {
      if ((file.attributes().mode() & S_IFMT) != S_IFDIR) {
        throw new WireException("what is no directory is listed");
      }
      int count = in.count(Limits.ENTRIES, Entry.SIZE);
      entries = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        entries.add(Entry.read(in));
      }
    }
    return new TreeFile(listing, entry, file, entries);
  }
}
