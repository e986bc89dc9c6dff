package dev.skerry.sentry.landlock;

/** The rights that rules are about, as of linux/landlock.h. */
public final class AccessRights {
  public static final int EXECUTE = 1;
  public static final int WRITE_FILE = 1 << 1;
  public static final int READ_FILE = 1 << 2;
  public static final int READ_DIR = 1 << 3;
  public static final int REMOVE_DIR = 1 << 4;
  public static final int REMOVE_FILE = 1 << 5;
  public static final int MAKE_CHAR = 1 << 6;
  public static final int MAKE_DIR = 1 << 7;
  public static final int MAKE_REG = 1 << 8;
  public static final int MAKE_SOCK = 1 << 9;
  public static final int MAKE_FIFO = 1 << 10;
  public static final int MAKE_BLOCK = 1 << 11;
  public static final int MAKE_SYM = 1 << 12;

  /** To give a file another directory; withheld from whoever restricts any use of files. */
  public static final int REFER = 1 << 13;

  public static final int TRUNCATE = 1 << 14;
  public static final int IOCTL_DEV = 1 << 15;

  /** All rights to files and directories. */
  public static final int OF_PATHS = 0xffff;

  /** Those that make sense for what is no directory. */
  public static final int OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV;

  public static final int BIND_TCP = 1;
  public static final int CONNECT_TCP = 1 << 1;

  /** All rights to ports. */
  public static final int OF_PORTS = BIND_TCP | CONNECT_TCP;

  /** Not to connect or send to abstract names of sockets from outside. */
  public static final int SCOPE_ABSTRACT_UNIX_SOCKET = 1;

  /** Not to send signals outside. */
  public static final int SCOPE_SIGNAL = 1 << 1;

  public static final int ALL_SCOPES = SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL;

  private AccessRights() {}
}
