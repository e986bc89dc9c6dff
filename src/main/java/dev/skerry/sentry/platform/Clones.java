package dev.skerry.sentry.platform;

import dev.skerry.abi.Errno;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Host clones, one at a time. No guest process comes into being but by an order of the sentry's. An
 * unknown thread is the child of the order that is under way if the host says so: it may also be
 * one whose parent was killed meanwhile, or denied that it had been made.
 */
final class Clones {
  private final Runnable denied;
  private final ArrayDeque<PendingClone> queue = new ArrayDeque<>();
  private @Nullable PendingClone current;
  private boolean childKnown;
  private boolean parentKnown;

  /** What the present clone's parent got from the host, once it has said so. */
  private long named;

  /** How often somebody came to see whether the present clone is done. */
  private int looks;

  /**
   * @param denied is told when there may be a child that the sentry will never know of
   */
  Clones(Runnable denied) {
    this.denied = denied;
  }

  /**
   * Orders the clone, now or when the earlier ones are done; it fails if its parent is dead by now.
   */
  void begin(PendingClone clone) {
    boolean dead;
    synchronized (this) {
      dead = clone.parent().isDead();
      if (current != null && !dead) {
        queue.add(clone);
        return;
      }
      if (!dead) {
        setCurrent(clone);
      }
    }
    if (dead) {
      clone.done(-Errno.ESRCH);
    } else {
      clone.parent().makeClone(clone);
    }
  }

  /**
   * Counts how long the present clone takes while others wait for it.
   *
   * @param most looks
   * @return its parent, once, if it has had so many; a guest may see to it that its stub never gets
   *     there
   */
  synchronized @Nullable NotifyThread overdue(int most) {
    return current != null && !queue.isEmpty() && ++looks == most ? current.parent() : null;
  }

  private void setCurrent(@Nullable PendingClone clone) {
    current = clone;
    childKnown = false;
    // One that goes on says nothing but that it failed.
    parentKnown = clone != null && clone.parentGoesOn();
    named = 0;
    looks = 0;
  }

  /** The thread of the present clone's child; null if none is awaited, or not this one. */
  @Nullable NotifyThread claim(int hostTid) {
    PendingClone clone = awaited();
    if (clone == null) {
      return null;
    }
    boolean made = clone.made(hostTid, named(clone));
    if (!made) {
      // Once more: the parent may have spoken in between, and ended perhaps.
      made = clone.made(hostTid, named(clone));
    }
    if (!made) {
      return null;
    }
    synchronized (this) {
      if (current != clone || childKnown) {
        return null;
      }
      childKnown = true;
    }
    return clone.child(hostTid);
  }

  /** Whether a process may be the present clone's child, and has not said so yet. */
  boolean mayBeChild(int hostTgid) {
    PendingClone clone = awaited();
    return clone != null && clone.made(hostTgid, named(clone));
  }

  /** Whether the notification can be a new thread's first: its word, out of the stub. */
  static boolean isFirstWord(int number, long instructionPointer, long[] arguments) {
    return StubLayout.inText(instructionPointer)
        && number == StubLayout.HYPERCALL
        && (arguments[0] == StubLayout.HYPER_CHILD
            || (arguments[0] == StubLayout.HYPER_DONE && arguments[1] == 0));
  }

  private synchronized @Nullable PendingClone awaited() {
    return childKnown ? null : current;
  }

  private synchronized long named(PendingClone clone) {
    return current == clone ? named : 0;
  }

  /** A child has been made known to the platform: the clone may end. */
  void childBegan() {
    endIfComplete();
  }

  /**
   * The parent says what the host answered. Zero is the word of a fork's child, and not a parent's.
   */
  void parentDone(PendingClone clone, long result) {
    boolean present;
    synchronized (this) {
      present = current == clone;
      if (present) {
        parentKnown = true;
        named = result;
        if (result < 0) {
          childKnown = true;
        }
      }
    }
    if (present) {
      if (result < 0 && !clone.isThread()) {
        clone.endParent();
        denied.run();
      }
      clone.done(result);
      endIfComplete();
    } else if (clone.parentGoesOn()) {
      // It denies a child that has spoken.
      clone.done(0);
    }
  }

  /** The process of a parent is gone; its clones will say no more, and have failed. */
  void parentGone(NotifyThread parent) {
    List<PendingClone> failed = new ArrayList<>(1);
    synchronized (this) {
      for (PendingClone clone : queue) {
        if (clone.parent() == parent) {
          failed.add(clone);
        }
      }
      queue.removeAll(failed);
      if (current != null && current.parent() == parent && !parentKnown) {
        // A child that has spoken is there, whatever its parent's fate.
        if (!childKnown) {
          failed.add(current);
        }
        childKnown = true;
        parentKnown = true;
      } else if (current != null && current.parent() == parent && current.isThread()) {
        // The parent has told of it, and it ends with the parent before it has said a word.
        childKnown = true;
      } else if (current != null && current.parent() == parent && !childKnown) {
        if (parent.isGoingOn()) {
          // Nobody can say whether there is a child. If there is one, it ends with its first word.
          failed.add(current);
          childKnown = true;
        } else {
          nameChild(parent);
        }
        denied.run();
      }
    }
    for (PendingClone clone : failed) {
      clone.done(-Errno.ESRCH);
    }
    endIfComplete();
  }

  /** A parent that went on with its clone is about to lose what the host has answered it. */
  synchronized void nameChild(NotifyThread parent) {
    PendingClone clone = current;
    if (clone != null && clone.parent() == parent && clone.parentGoesOn() && !childKnown) {
      named = named == 0 ? parent.hostAnswer() : named;
    }
  }

  private void endIfComplete() {
    PendingClone next;
    synchronized (this) {
      if (current == null || !parentKnown || !childKnown) {
        return;
      }
      next = queue.poll();
      setCurrent(next);
    }
    if (next != null) {
      next.parent().makeClone(next);
    }
  }
}
