package dev.skerry.sentry.kernel;

/** The lists of robust futexes (get_robust_list(2)). */
public interface RobustLists {
  /** Marks and wakes what the ending task still holds; {@link Task#robustList} tells where. */
  void exit(Task task);
}
