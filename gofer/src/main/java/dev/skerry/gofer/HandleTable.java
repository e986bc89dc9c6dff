package dev.skerry.gofer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.skerry.abi.Errno;
import dev.skerry.goferproto.Limits;
import dev.skerry.goferproto.RequestException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The handles of one sandbox, by number. All channels share them. */
final class HandleTable {
  private static final int FIRST_SIZE = 1024;

  @GuardedBy("this")
  private @Nullable Handle[] handles = new Handle[FIRST_SIZE];

  /** The next free number after each free one. */
  @GuardedBy("this")
  private int[] nextFree = new int[FIRST_SIZE];

  @GuardedBy("this")
  private int firstFree = -1;

  @GuardedBy("this")
  private int used;

  private final int limit;

  HandleTable() {
    this(Limits.HANDLES);
  }

  HandleTable(int limit) {
    this.limit = limit;
  }

  /**
   * Takes the handle over, and closes it if that fails.
   *
   * @throws RequestException ENFILE if there are too many
   */
  int add(Handle handle) throws RequestException {
    int number = place(handle);
    if (number < 0) {
      handle.close();
      throw new RequestException(Errno.ENFILE);
    }
    return number;
  }

  private synchronized int place(Handle handle) {
    int number = firstFree;
    if (number >= 0) {
      firstFree = nextFree[number];
    } else if (used == limit) {
      return -1;
    } else {
      number = used++;
      if (number == handles.length) {
        int size = Math.min(2 * number, limit);
        handles = Arrays.copyOf(handles, size);
        nextFree = Arrays.copyOf(nextFree, size);
      }
    }
    handles[number] = handle;
    return number;
  }

  /**
   * The handle with a reference that the caller closes.
   *
   * @throws RequestException EBADF if there is none
   */
  synchronized Handle acquire(int number) throws RequestException {
    Handle handle = number < 0 || number >= used ? null : handles[number];
    if (handle == null) {
      throw new RequestException(Errno.EBADF);
    }
    handle.acquire();
    return handle;
  }

  /** Forgets a number; one that is not there is passed over. */
  void remove(int number) {
    Handle handle;
    synchronized (this) {
      handle = number < 0 || number >= used ? null : handles[number];
      if (handle == null) {
        return;
      }
      handles[number] = null;
      nextFree[number] = firstFree;
      firstFree = number;
    }
    handle.close();
  }
}
