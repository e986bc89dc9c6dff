package dev.skerry.goferproto;

import dev.skerry.wire.MessageReader;
import dev.skerry.wire.WireException;
import java.util.ArrayList;
import java.util.List;

/** Names of single files: nothing that could lead elsewhere. */
final class Names {
  private Names() {}

  static String read(MessageReader in) throws WireException {
    String name = in.latin1(Limits.NAME);
    if (name.isEmpty()
        || name.equals(".")
        || name.equals("..")
        || name.indexOf('/') >= 0
        || name.indexOf(0) >= 0) {
      throw new WireException("not a file name");
    }
    return name;
  }

  static List<String> readList(MessageReader in, int max) throws WireException {
    int count = in.count(max, Integer.BYTES + 1);
    List<String> names = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      names.add(read(in));
    }
    return names;
  }

  /** Text without a NUL: a link's target, an attribute's name. */
  static String readText(MessageReader in, int max) throws WireException {
    String text = in.latin1(max);
    if (text.isEmpty() || text.indexOf(0) >= 0) {
      throw new WireException("not a text");
    }
    return text;
  }
}
