package dev.skerry.sentry.landlock;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a task may not do, for it or an ancestor of its has restricted itself: a layer of rules, and
 * those that were in force before. Every restriction makes a domain of its own, which the task's
 * children are in, too. Linux: struct landlock_ruleset with its struct landlock_hierarchy.
 */
public final class Domain {
  /** LANDLOCK_MAX_NUM_LAYERS. */
  private static final int MOST_LAYERS = 16;

  private final @Nullable Domain parent;

  /** The outermost first. */
  private final Layer[] layers;

  private final Handled handled;

  private Domain(@Nullable Domain parent, Layer[] layers, Handled handled) {
    this.parent = parent;
    this.layers = layers;
    this.handled = handled;
  }

  /**
   * Puts rules into force on top of others.
   *
   * @throws ErrnoException E2BIG for too many layers, ENOMEM
   */
  public static Domain restrict(@Nullable Domain present, Ruleset rules) throws ErrnoException {
    int count = present == null ? 0 : present.layers.length;
    if (count >= MOST_LAYERS) {
      throw ErrnoException.of(Errno.E2BIG);
    }
    Layer layer = rules.layer();
    if (layer == null) {
      throw ErrnoException.of(Errno.ENOMEM);
    }
    Layer[] layers = present == null ? new Layer[1] : Arrays.copyOf(present.layers, count + 1);
    layers[count] = layer;
    Handled before = present == null ? Handled.NOTHING : present.handled;
    Domain made = new Domain(present, layers, before.and(layer.handled()));
    if (!Ruleset.IN_FORCE.keep(made, 1)) {
      throw ErrnoException.of(Errno.ENOMEM);
    }
    return made;
  }

  Layer[] layers() {
    return layers;
  }

  /** Whether any use of files is restricted: then nothing may be mounted, either. */
  public boolean restrictsPaths() {
    return handled.paths() != 0;
  }

  /** Whether one of the rights to ports is restricted. */
  public boolean restrictsPorts(int rights) {
    return (handled.ports() & rights) != 0;
  }

  /** Whether every layer allows the right to the port. */
  public boolean allowsPort(int port, int right) {
    for (Layer layer : layers) {
      if (!layer.allowsPort(port, right)) {
        return false;
      }
    }
    return true;
  }

  /** Whether the second is the first, or within it; null is outside of all. */
  public static boolean contains(@Nullable Domain outer, @Nullable Domain inner) {
    Domain at = inner;
    while (at != outer && at != null) {
      at = at.parent;
    }
    return at == outer;
  }

  /**
   * Whether the scope ends before somebody: a layer restricts it, and the other is not below it.
   *
   * @param scope SCOPE_ of {@link AccessRights}
   */
  public boolean isApartFrom(@Nullable Domain other, int scope) {
    if ((handled.scopes() & scope) == 0) {
      return false;
    }
    Domain at = this;
    while ((at.layers[at.layers.length - 1].handled().scopes() & scope) == 0) {
      Domain outer = at.parent;
      if (outer == null) {
        return false;
      }
      at = outer;
    }
    return !contains(at, other);
  }
}
