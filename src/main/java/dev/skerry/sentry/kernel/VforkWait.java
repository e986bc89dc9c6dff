package dev.skerry.sentry.kernel;

/** A parent that stands still until its vfork(2) child executes a program or ends. */
final class VforkWait {
  private final Task parent;
  private final int childTid;

  // Guarded by this.
  private boolean cloned;
  private boolean released;

  VforkWait(Task parent, int childTid) {
    this.parent = parent;
    this.childTid = childTid;
  }

  /** The host has made the child, and said so to the parent's thread. */
  void cloned() {
    boolean answer;
    synchronized (this) {
      cloned = true;
      answer = released;
    }
    if (answer) {
      answer();
    }
  }

  /** The child does not need the parent's memory any more. Called without locks. */
  void released() {
    boolean answer;
    synchronized (this) {
      released = true;
      answer = cloned;
    }
    if (answer) {
      answer();
    }
  }

  private void answer() {
    parent
        .kernel()
        .runQueue()
        .add(
            () -> {
              parent.setInVfork(false);
              Tracee.event(parent, Trace.EVENT_VFORK_DONE, childTid, () -> parent.answer(childTid));
            });
  }
}
