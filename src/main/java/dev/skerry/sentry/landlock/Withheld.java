package dev.skerry.sentry.landlock;

/**
 * The rights that the layers of a domain still withhold, while the places above a file are asked
 * one after the other. Used by one thread.
 */
public final class Withheld {
  private final Layer[] layers;

  /** For each layer. */
  private final int[] rights;

  /**
   * @param wanted what is asked for
   */
  public Withheld(Domain domain, int wanted) {
    layers = domain.layers();
    rights = new int[layers.length];
    for (int i = 0; i < rights.length; i++) {
      rights[i] = layers[i].withheld(wanted);
    }
  }

  /** Takes off what rules about the object allow. */
  public void grant(Object file) {
    for (int i = 0; i < rights.length; i++) {
      if (rights[i] != 0) {
        rights[i] &= ~layers[i].rightsTo(file);
      }
    }
  }

  /** Asks for no more than these. */
  public void confineTo(int wanted) {
    for (int i = 0; i < rights.length; i++) {
      rights[i] &= wanted;
    }
  }

  /** What some layer withholds. */
  public int rights() {
    int all = 0;
    for (int each : rights) {
      all |= each;
    }
    return all;
  }

  public boolean isNothing() {
    return rights() == 0;
  }

  /**
   * Whether a file gains no right by a move: what is withheld where it was, and by itself, is
   * withheld where it comes to, layer by layer.
   *
   * @param file what the rules about the file itself withhold
   * @param counting the rights that count for its kind
   */
  public boolean isAllIn(Withheld target, Withheld file, int counting) {
    for (int i = 0; i < rights.length; i++) {
      if ((rights[i] & file.rights[i] & ~target.rights[i] & counting) != 0) {
        return false;
      }
    }
    return true;
  }
}
