package dev.skerry.oci;

import java.util.ArrayList;
import java.util.List;

/** Collects what is wrong with a document, and what of it is ignored. Both lists are bounded. */
public final class Problems {
  /** A document with more problems than this has its first ones told. */
  public static final int MOST = 256;

  private final List<Problem> errors = new ArrayList<>();
  private final List<Problem> warnings = new ArrayList<>();

  public void error(String pointer, String detail) {
    add(errors, pointer, detail);
  }

  public void warn(String pointer, String detail) {
    add(warnings, pointer, detail);
  }

  private static void add(List<Problem> list, String pointer, String detail) {
    if (list.size() < MOST) {
      list.add(new Problem(pointer, detail));
    }
  }

  public List<Problem> errors() {
    return List.copyOf(errors);
  }

  public List<Problem> warnings() {
    return List.copyOf(warnings);
  }
}
