package dev.skerry.sentry.fs.gofer;

import com.google.errorprone.annotations.concurrent.GuardedBy;

/** How much to ask for at once: the more, the more of what came unasked for was used lately. */
final class AheadWindow {
  /** What counts as lately. */
  private static final int MEMORY = 2048;

  private static final int FIRST_FETCHED = 128;

  private static final int SOME = 16;
  private static final int FEW = 4;

  private final int most;

  @GuardedBy("this")
  private int fetched = FIRST_FETCHED;

  @GuardedBy("this")
  private int used = FIRST_FETCHED / 2;

  AheadWindow(int most) {
    this.most = most;
  }

  /** One that asks for nothing else until that was missed. */
  static AheadWindow closed(int most) {
    AheadWindow window = new AheadWindow(most);
    synchronized (window) {
      window.used = 0;
    }
    return window;
  }

  /** With what is asked for itself. */
  synchronized int size() {
    if (used >= fetched / 2) {
      return most;
    }
    if (used >= fetched / 4) {
      return SOME;
    }
    return used >= fetched / 8 ? FEW : 2;
  }

  /** So many came unasked for. */
  synchronized void fetched(int count) {
    fetched += count;
    if (fetched > MEMORY) {
      fetched /= 2;
      used /= 2;
    }
  }

  /** One of them was needed. */
  synchronized void used() {
    used++;
  }

  /** So many that did not come would have been needed. */
  synchronized void missed(int count) {
    used = Math.min(used + count, fetched);
  }
}
