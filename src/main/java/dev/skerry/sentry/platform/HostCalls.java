package dev.skerry.sentry.platform;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The host calls of one order to a stub, which makes them one after the other until one fails.
 * These pass, in this order, each once, and no others.
 */
final class HostCalls {
  static final HostCalls NONE = new HostCalls(List.of());

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int HEAD = 4 * Long.BYTES;
  private static final int CALL = 7 * Long.BYTES;

  /**
   * What the stub is to know of a child that it makes.
   *
   * @param delta from the parent's slot to the child's
   * @param stack the child's stack pointer, or 0 for the parent's
   * @param answer what the parent's call then returns, or 0 if the sentry is to be asked
   */
  record Child(long delta, long stack, long answer) {
    static final Child NONE = new Child(0, 0, 0);
  }

  private final List<HostCall> calls;
  private int passed;

  /**
   * @param calls at most {@link GuestThread#MOST_HOST_CALLS}
   */
  HostCalls(List<HostCall> calls) {
    if (calls.size() > GuestThread.MOST_HOST_CALLS) {
      throw new IllegalArgumentException(calls.size() + " host calls in one order");
    }
    this.calls = calls;
  }

  /** The call that may pass now, if it is this one; it is spent then. */
  @Nullable HostCall pass(int number, long[] arguments) {
    if (isSpent() || !calls.get(passed).matches(number, arguments)) {
      return null;
    }
    return calls.get(passed++);
  }

  /** Whether no call may pass any more. */
  boolean isSpent() {
    return passed == calls.size();
  }

  /**
   * Whether the stub may say that it is done, with this result: after all of them, or a failed one.
   */
  boolean mayEnd(long result) {
    return isSpent() || (passed > 0 && isFailure(result));
  }

  /** Whether a host call's result is an error. */
  static boolean isFailure(long result) {
    return result < 0 && result > -4096;
  }

  /** The mailbox that tells the stub. */
  byte[] mailbox(Child child) {
    byte[] box = new byte[HEAD + CALL * calls.size()];
    LONG.set(box, 0, (long) calls.size());
    LONG.set(box, Long.BYTES, child.delta());
    LONG.set(box, 2 * Long.BYTES, child.stack());
    LONG.set(box, StubLayout.MAILBOX_ANSWER, child.answer());
    int at = HEAD;
    for (HostCall call : calls) {
      LONG.set(box, at, (long) call.number());
      at += Long.BYTES;
      for (long argument : call.arguments()) {
        LONG.set(box, at, argument);
        at += Long.BYTES;
      }
    }
    return box;
  }
}
