package dev.skerry.sentry.vfs;

/** Takes the entries of a directory, one at a time. */
public interface DirectorySink {
  /**
   * @param name one Latin-1 character a byte
   * @param type a DT_ constant of readdir(3)
   * @param nextOffset the position after this entry
   * @return false if the entry did not fit: it was not taken, and no more are
   */
  boolean entry(String name, long ino, int type, long nextOffset);
}
