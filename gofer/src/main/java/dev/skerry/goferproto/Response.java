package dev.skerry.goferproto;

import dev.skerry.wire.MessageReader;
import dev.skerry.wire.MessageWriter;
import dev.skerry.wire.WireException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the gofer answers. */
public sealed interface Response {
  /** Zero, or a positive error number; then there are no fields. */
  default int error() {
    return 0;
  }

  /** How many descriptors are beside the message, if the request asks for any. */
  default int descriptors() {
    return 1;
  }

  void writeFields(MessageWriter out);

  /** The request failed as the host, or the gofer, says. */
  record Failed(int error) implements Response {
    @Override
    public void writeFields(MessageWriter out) {}
  }

  /** Done. */
  record Done() implements Response {
    @Override
    public void writeFields(MessageWriter out) {}

    static Done read(MessageReader in) {
      return new Done();
    }
  }

  /**
   * How far a walk came.
   *
   * @param start where it began, as that is now
   * @param stop why it went no further: ENOENT and the like; zero if all names were found or the
   *     last file found is a symbolic link
   * @param opened whether the last file is open
   */
  record Walked(Attributes start, List<Found> files, int stop, boolean opened) implements Response {
    @Override
    public int descriptors() {
      return opened ? 1 : 0;
    }

    @Override
    public void writeFields(MessageWriter out) {
      start.write(out);
      out.i32(stop).bool(opened).i32(files.size());
      for (Found file : files) {
        file.write(out);
      }
    }

    static Walked read(MessageReader in) throws WireException {
      Attributes start = Attributes.read(in);
      int stop = ResponseCodec.readErrorNumber(in);
      boolean opened = in.bool();
      int count = in.count(Limits.WALK, Found.SIZE);
      List<Found> files = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        files.add(Found.read(in));
      }
      if (opened && (count == 0 || stop != 0)) {
        throw new WireException("nothing can be open");
      }
      return new Walked(start, files, stop, opened);
    }
  }

  /**
   * What became of each name that was looked up.
   *
   * @param files null where there is none, or it cannot be said
   * @param errors zero where there is a file; ENOENT and the like
   */
  record FoundEach(@Nullable Found[] files, int[] errors) implements Response {
    @Override
    public void writeFields(MessageWriter out) {
      for (int i = 0; i < errors.length; i++) {
        Found file = files[i];
        out.i32(file == null ? errors[i] : 0);
        if (file != null) {
          file.write(out);
        }
      }
    }

    static FoundEach read(MessageReader in, int count) throws WireException {
      @Nullable Found[] files = new Found[count];
      int[] errors = new int[count];
      for (int i = 0; i < count; i++) {
        errors[i] = ResponseCodec.readErrorNumber(in);
        files[i] = errors[i] == 0 ? Found.read(in) : null;
      }
      return new FoundEach(files, errors);
    }
  }

  /** Files of a tree: the first name that was asked for, and more. */
  record Tree(List<TreeFile> files) implements Response {
    @Override
    public void writeFields(MessageWriter out) {
      out.i32(files.size());
      for (TreeFile file : files) {
        file.write(out);
      }
    }

    static Tree read(MessageReader in, int names) throws WireException {
      int count = in.count(Limits.MESSAGE / TreeFile.SIZE, TreeFile.SIZE);
      List<TreeFile> files = new ArrayList<>(count);
      List<Integer> lengths = new ArrayList<>();
      lengths.add(names);
      for (int i = 0; i < count; i++) {
        TreeFile file = TreeFile.read(in);
        if (file.listing() < 0
            || file.listing() >= lengths.size()
            || file.entry() < 0
            || file.entry() >= lengths.get(file.listing())) {
          throw new WireException("a file has no name");
        }
        List<Entry> entries = file.entries();
        if (entries != null) {
          lengths.add(entries.size());
        }
        files.add(file);
      }
      if (count == 0 || files.getFirst().listing() + files.getFirst().entry() != 0) {
        throw new WireException("the first file is missing");
      }
      return new Tree(files);
    }
  }

  /**
   * What became of each file that was to be opened: zero if its descriptor is beside the message,
   * in the order of the files.
   */
  record Opened(int[] errors) implements Response {
    @Override
    public int descriptors() {
      int count = 0;
      for (int error : errors) {
        count += error == 0 ? 1 : 0;
      }
      return count;
    }

    @Override
    public void writeFields(MessageWriter out) {
      for (int error : errors) {
        out.i32(error);
      }
    }

    static Opened read(MessageReader in, int count) throws WireException {
      int[] errors = new int[count];
      for (int i = 0; i < count; i++) {
        errors[i] = ResponseCodec.readErrorNumber(in);
      }
      if (count > 0 && errors[0] != 0) {
        throw new WireException("the first file is not open");
      }
      return new Opened(errors);
    }
  }

  /** One file: the root of a mount, or with the descriptor beside the message a temporary one. */
  record Attached(Found file) implements Response {
    @Override
    public void writeFields(MessageWriter out) {
      file.write(out);
    }

    static Attached read(MessageReader in) throws WireException {
      return new Attached(Found.read(in));
    }
  }

  /** A new file, and its directory as it is now. */
  record Created(Found file, Attributes directory) implements Response {
    @Override
    public void writeFields(MessageWriter out) {
      file.write(out);
      directory.write(out);
    }

    static Created read(MessageReader in) throws WireException {
      return new Created(Found.read(in), Attributes.read(in));
    }
  }

  /** A file's attributes now. */
  record Status(Attributes attributes) implements Response {
    @Override
    public void writeFields(MessageWriter out) {
      attributes.write(out);
    }

    static Status read(MessageReader in) throws WireException {
      return new Status(Attributes.read(in));
    }
  }

  /** What two files, whose names were changed, look like now; the request says which. */
  record Renamed(Attributes first, Attributes second) implements Response {
    @Override
    public void writeFields(MessageWriter out) {
      first.write(out);
      second.write(out);
    }

    static Renamed read(MessageReader in) throws WireException {
      return new Renamed(Attributes.read(in), Attributes.read(in));
    }
  }

  /** A symbolic link's text. */
  record Target(String text) implements Response {
    @Override
    public void writeFields(MessageWriter out) {
      out.latin1(text);
    }

    static Target read(MessageReader in) throws WireException {
      return new Target(in.latin1(Limits.TARGET));
    }
  }

  /**
   * The next names of a directory.
   *
   * @param end whether these are the last
   */
  record Listing(List<Entry> entries, boolean end) implements Response {
    @Override
    public void writeFields(MessageWriter out) {
      out.bool(end).i32(entries.size());
      for (Entry entry : entries) {
        entry.write(out);
      }
    }

    static Listing read(MessageReader in) throws WireException {
      boolean end = in.bool();
      int count = in.count(Limits.ENTRIES, Entry.SIZE);
      List<Entry> entries = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        entries.add(Entry.read(in));
      }
      return new Listing(entries, end);
    }
  }

  /** statfs(2). */
  record FileSystemStatus(
      long type,
      long blockSize,
      long blocks,
      long freeBlocks,
      long availableBlocks,
      long files,
      long freeFiles,
      long fsid,
      long maxNameLength,
      long fragmentSize)
      implements Response {
    @Override
    public void writeFields(MessageWriter out) {
      out.i64(type).i64(blockSize).i64(blocks).i64(freeBlocks).i64(availableBlocks);
      out.i64(files).i64(freeFiles).i64(fsid).i64(maxNameLength).i64(fragmentSize);
    }

    static FileSystemStatus read(MessageReader in) throws WireException {
      return new FileSystemStatus(
          in.i64(), in.i64(), in.i64(), in.i64(), in.i64(), in.i64(), in.i64(), in.i64(), in.i64(),
          in.i64());
    }
  }

  /** The value of an extended attribute, or all their names with a NUL after each. */
  record Value(byte[] bytes) implements Response {
    @Override
    public void writeFields(MessageWriter out) {
      out.bytes(bytes);
    }

    static Value read(MessageReader in) throws WireException {
      return new Value(in.bytes(Limits.XATTR));
    }
  }
}
