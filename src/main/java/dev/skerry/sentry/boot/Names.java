package dev.skerry.sentry.boot;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Text from outside in the sentry's form: UTF-8 bytes as Latin-1 characters. */
final class Names {
  private Names() {}

  static String inside(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  static List<String> inside(List<String> texts) {
    List<String> result = new ArrayList<>(texts.size());
    for (String text : texts) {
      result.add(inside(text));
    }
    return result;
  }

  /** What the outside can read. */
  static String outside(String name) {
    return new String(name.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }
}
