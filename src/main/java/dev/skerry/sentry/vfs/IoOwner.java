package dev.skerry.sentry.vfs;

import dev.skerry.sentry.landlock.Domain;
import org.jspecify.annotations.Nullable;

/**
 * Who is told of input and output (fcntl(2), F_SETOWN_EX and F_SETSIG).
 *
 * @param type F_OWNER_TID, F_OWNER_PID or F_OWNER_PGRP
 * @param id 0 for nobody
 * @param signal 0 for SIGIO
 * @param uid of who made it the owner, which decides whom it may tell
 * @param domain of who made another process the owner: whom that domain may not send signals to is
 *     not told; null for no domain
 */
public record IoOwner(int type, int id, int signal, int uid, int euid, @Nullable Domain domain) {
  public static final int TID = 0;
  public static final int PID = 1;
  public static final int PGRP = 2;
  public static final IoOwner NONE = new IoOwner(PID, 0, 0, 0, 0, null);

  /** With another signal. */
  public IoOwner withSignal(int number) {
    return new IoOwner(type, id, number, uid, euid, domain);
  }
}
