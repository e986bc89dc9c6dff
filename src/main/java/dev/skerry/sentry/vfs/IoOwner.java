package dev.skerry.sentry.vfs;

/**
 * Who is told of input and output (fcntl(2), F_SETOWN_EX and F_SETSIG).
 *
 * @param type F_OWNER_TID, F_OWNER_PID or F_OWNER_PGRP
 * @param id 0 for nobody
 * @param signal 0 for SIGIO
 * @param uid of who made it the owner, which decides whom it may tell
 */
public record IoOwner(int type, int id, int signal, int uid, int euid) {
  public static final int TID = 0;
  public static final int PID = 1;
  public static final int PGRP = 2;
  public static final IoOwner NONE = new IoOwner(PID, 0, 0, 0, 0);
}
