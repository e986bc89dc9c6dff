package dev.skerry.goferproto;

import dev.skerry.wire.MessageReader;
import dev.skerry.wire.MessageWriter;
import dev.skerry.wire.WireException;

/** A file with the handle that now stands for it, which the sentry closes. */
public record Found(int handle, Attributes attributes) {
  static final int SIZE = Integer.BYTES + Attributes.SIZE;

  void write(MessageWriter out) {
    out.i32(handle);
    attributes.write(out);
  }

  static Found read(MessageReader in) throws WireException {
    return new Found(in.i32(), Attributes.read(in));
  }
}
