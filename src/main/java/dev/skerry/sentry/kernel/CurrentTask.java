package dev.skerry.sentry.kernel;

import dev.skerry.sentry.waiter.ServingThread;
import org.jspecify.annotations.Nullable;

/**
 * Whose call the present thread serves. A {@link ServingThread} keeps that itself, since it changes
 * twice a call and a thread-local variable is dear for that; other threads seldom serve.
 */
final class CurrentTask {
  private static final ThreadLocal<@Nullable Task> OTHERS = new ThreadLocal<>();

  private CurrentTask() {}

  static @Nullable Task get() {
    return Thread.currentThread() instanceof ServingThread serving
        ? (Task) serving.served()
        : OTHERS.get();
  }

  static void set(@Nullable Task task) {
    if (Thread.currentThread() instanceof ServingThread serving) {
      serving.setServed(task);
    } else {
      OTHERS.set(task);
    }
  }
}
