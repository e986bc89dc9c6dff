package dev.skerry.sentry.socket;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The options of one level that are plain numbers, and what they take. */
public final class OptionTable {
  /**
   * @param initial the value of a new socket
   * @param least the smallest value that can be set
   * @param most the largest
   */
  private record Rule(Kind kind, int initial, int least, int most) {}

  private enum Kind {
    /** Anything but zero is one. */
    FLAG,
    NUMBER,
    /** Cannot be set: ENOPROTOOPT. */
    SHOWN
  }

  private final Map<Integer, Rule> rules = new HashMap<>();

  /** Options that are on or off, and off at first. */
  public OptionTable flags(int... names) {
    for (int name : names) {
      rules.put(name, new Rule(Kind.FLAG, 0, 0, 1));
    }
    return this;
  }

  /** Options that are on or off, and on at first. */
  public OptionTable flagsOn(int... names) {
    for (int name : names) {
      rules.put(name, new Rule(Kind.FLAG, 1, 0, 1));
    }
    return this;
  }

  public OptionTable number(int name, int initial, int least, int most) {
    rules.put(name, new Rule(Kind.NUMBER, initial, least, most));
    return this;
  }

  public OptionTable shown(int name, int value) {
    rules.put(name, new Rule(Kind.SHOWN, value, 0, 0));
    return this;
  }

  public boolean contains(int name) {
    return rules.containsKey(name);
  }

  /** One socket's values. Not thread-safe. */
  public static final class Values {
    private final OptionTable table;
    private final Map<Integer, Integer> set = new HashMap<>();

    public Values(OptionTable table) {
      this.table = table;
    }

    /** ENOPROTOOPT for an option that is not in the table. */
    public int get(int name) throws ErrnoException {
      Integer value = set.get(name);
      return value == null ? rule(name).initial : value;
    }

    /** The value, or zero. */
    public int getOrZero(int name) {
      Integer value = set.get(name);
      Rule rule = table.rules.get(name);
      return value != null ? value : rule == null ? 0 : rule.initial;
    }

    /** ENOPROTOOPT, or EINVAL for a value out of range. */
    public void set(int name, int value) throws ErrnoException {
      Rule rule = rule(name);
      switch (rule.kind) {
        case FLAG -> set.put(name, value == 0 ? 0 : 1);
        case NUMBER -> {
          if (value < rule.least || value > rule.most) {
            throw ErrnoException.of(Errno.EINVAL);
          }
          set.put(name, value);
        }
        case SHOWN -> throw ErrnoException.of(Errno.ENOPROTOOPT);
      }
    }

    /** Keeps a value whatever the table says. */
    public void put(int name, int value) {
      set.put(name, value);
    }

    /** Whether a value was set. */
    public boolean isSet(int name) {
      return set.containsKey(name);
    }

    /** Takes over what was set on another socket. */
    public void copy(Values other) {
      set.putAll(other.set);
    }

    private Rule rule(int name) throws ErrnoException {
      @Nullable Rule rule = table.rules.get(name);
      if (rule == null) {
        throw ErrnoException.of(Errno.ENOPROTOOPT);
      }
      return rule;
    }
  }
}
