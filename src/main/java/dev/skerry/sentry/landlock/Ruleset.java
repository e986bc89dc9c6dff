package dev.skerry.sentry.landlock;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.skerry.abi.Errno;
import dev.skerry.sentry.slab.CollectedSpace;
import dev.skerry.sentry.slab.Slab;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rules that are being collected, to be put into force. Linux: struct landlock_ruleset. */
public final class Ruleset {
  /** Rules in force, and layers, in the whole sandbox. */
  static final CollectedSpace IN_FORCE = new CollectedSpace(1 << 16);

  private final Handled handled;

  @GuardedBy("this")
  private final Map<Object, Integer> files = new HashMap<>(4);

  @GuardedBy("this")
  private final Map<Integer, Integer> ports = new HashMap<>(4);

  /** The rules as they are now, if they came into force so. */
  @GuardedBy("this")
  private @Nullable Layer layer;

  public Ruleset(Handled handled) {
    this.handled = handled;
  }

  public Handled handled() {
    return handled;
  }

  /**
   * Allows rights to a file, and to what is below a directory.
   *
   * @param file known again by its equals()
   * @return zero, or -ENOMEM
   */
  public synchronized long allow(Object file, int rights) {
    return add(files, file, rights);
  }

  /** Allows rights to a port; zero, or -ENOMEM. */
  public synchronized long allowPort(int port, int rights) {
    return add(ports, port, rights);
  }

  @GuardedBy("this")
  private <K> long add(Map<K, Integer> rules, K key, int rights) {
    if (!rules.containsKey(key) && !Slab.LANDLOCK_RULE.take(1)) {
      return -Errno.ENOMEM;
    }
    rules.merge(key, rights, (one, other) -> one | other);
    layer = null;
    return 0;
  }

  /** The rules for a domain; null if there is no room for one more copy of them. */
  synchronized @Nullable Layer layer() {
    Layer present = layer;
    if (present == null) {
      present = new Layer(handled, Map.copyOf(files), Map.copyOf(ports));
      if (!IN_FORCE.keep(present, files.size() + ports.size())) {
        return null;
      }
      layer = present;
    }
    return present;
  }

  /** Nobody will add rules, or put them into force, any more. */
  public synchronized void release() {
    Slab.LANDLOCK_RULE.give(files.size() + ports.size());
    files.clear();
    ports.clear();
    layer = null;
  }
}
