package dev.skerry.hostos;

/** The jars that this process is made of. */
public final class ClassPath {
  private ClassPath() {}

  /**
   * Opens them all, for good. To be called before the confinement, after which no file can be
   * opened: with an AOT cache no jar has been needed by then, but classes that are not in it are
   * still to come.
   */
  public static void open() {
    // What is in no jar is looked for in each. A class, and not a resource, since the JVM itself
    // knows that no module has it: Java's reader of the modules would take a hundred classes more.
    try {
      Class.forName("no.such.Name", false, ClassLoader.getSystemClassLoader());
    } catch (ClassNotFoundException expected) {
      return;
    }
    throw new IllegalStateException("the class path is not ours alone");
  }
}
