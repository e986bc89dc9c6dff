package dev.skerry.goferproto;

import dev.skerry.wire.MessageReader;
import dev.skerry.wire.MessageWriter;
import dev.skerry.wire.WireException;

/**
 * A file's attributes as the host has them (statx(2)). Times are nanoseconds since the epoch;
 * {@code blocks} counts 512 bytes; {@code mode} has the type bits.
 */
public record Attributes(
    long dev,
    long ino,
    int mode,
    int nlink,
    int uid,
    int gid,
    long rdev,
    long size,
    int blksize,
    long blocks,
    long atime,
    long mtime,
    long ctime,
    long btime) {
  /** Bytes of the encoding. */
  static final int SIZE = 9 * Long.BYTES + 5 * Integer.BYTES;

  void write(MessageWriter out) {
    out.i64(dev).i64(ino).i32(mode).i32(nlink).i32(uid).i32(gid);
    out.i64(rdev).i64(size).i32(blksize).i64(blocks);
    out.i64(atime).i64(mtime).i64(ctime).i64(btime);
  }

  static Attributes read(MessageReader in) throws WireException {
    Attributes attributes =
        new Attributes(
            in.i64(), in.i64(), in.i32(), in.i32(), in.i32(), in.i32(), in.i64(), in.i64(),
            in.i32(), in.i64(), in.i64(), in.i64(), in.i64(), in.i64());
    if (attributes.size < 0 || attributes.blksize < 0 || attributes.blocks < 0) {
      throw new WireException("a size is negative");
    }
    return attributes;
  }
}
