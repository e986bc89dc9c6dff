package dev.skerry.goferproto;

import dev.skerry.wire.MessageReader;
import dev.skerry.wire.MessageWriter;
import dev.skerry.wire.WireException;

/**
 * A name in a directory.
 *
 * @param type a DT_ constant of readdir(3)
 */
public record Entry(String name, long ino, int type) {
  /** Bytes of the encoding without the name's. */
  public static final int SIZE = Long.BYTES + 1 + Integer.BYTES;

  void write(MessageWriter out) {
    out.i64(ino).u8(type).latin1(name);
  }

  static Entry read(MessageReader in) throws WireException {
    long ino = in.i64();
    int type = in.u8();
    return new Entry(Names.read(in), ino, type);
  }
}
