package dev.skerry.sentry.fs.epoll;

import dev.skerry.sentry.vfs.OpenFileDescription;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The ways that an event takes through epolls that watch epolls. Their number is bounded, since an
 * event goes all of them. The caller holds the topology lock. Linux: ep_loop_check() and
 * reverse_path_check() of fs/eventpoll.c.
 */
final class EpollPaths {
  /** How deep epolls may watch epolls (EP_MAX_NESTS). */
  private static final int MOST_NESTED = 4;

  /**
   * How many ways of a file's may lead through one, two and so on epolls; any number through one.
   */
  private static final int[] LIMITS = {Integer.MAX_VALUE, 500, 100, 50, 10};

  private final Map<EpollFile, Integer> heights = new HashMap<>();
  private final Set<OpenFileDescription> sources = new HashSet<>();

  /** Whether an epoll may not watch another, which watches it already, or is too deep with it. */
  boolean wouldLoop(EpollFile watching, EpollFile watched) {
    int height = height(watched);
    return heights.containsKey(watching) || height + 1 + depth(watching) > MOST_NESTED;
  }

  /** How many levels of epolls an epoll watches; notes what else is watched below. */
  private int height(EpollFile epoll) {
    Integer known = heights.get(epoll);
    if (known != null) {
      return known;
    }
    int height = 0;
    for (OpenFileDescription file : epoll.watched()) {
      if (file instanceof EpollFile nested) {
        height = Math.max(height, 1 + height(nested));
      } else {
        sources.add(file);
      }
    }
    heights.put(epoll, height);
    return height;
  }

  /** How many levels of epolls there are above one. */
  private static int depth(EpollFile epoll) {
    int depth = 0;
    for (Runnable listener : epoll.releaseListeners()) {
      if (listener instanceof EpollItem item) {
        depth = Math.max(depth, 1 + depth(item.epoll));
      }
    }
    return depth;
  }

  /** Whether an epoll is watched by one. */
  static boolean isWatched(EpollFile epoll) {
    return epoll.releaseListeners().stream().anyMatch(EpollItem.class::isInstance);
  }

  /** Whether too many ways lead from the file, or from what is watched below it. */
  boolean areTooMany(OpenFileDescription file) {
    if (!(file instanceof EpollFile)) {
      sources.add(file);
    }
    for (OpenFileDescription source : sources) {
      if (!count(source, 0, new int[LIMITS.length])) {
        return true;
      }
    }
    return false;
  }

  /** Counts the ways to where nobody watches any further; returns false beyond the limits. */
  private static boolean count(OpenFileDescription file, int nested, int[] counts) {
    if (nested >= LIMITS.length) {
      return false;
    }
    for (Runnable listener : file.releaseListeners()) {
      if (listener instanceof EpollItem item) {
        boolean within =
            isWatched(item.epoll)
                ? count(item.epoll, nested + 1, counts)
                : ++counts[nested] <= LIMITS[nested];
        if (!within) {
          return false;
        }
      }
    }
    return true;
  }
}
