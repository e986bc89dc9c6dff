package dev.skerry.oci;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The members of one JSON object, taken one by one. A member of null counts as absent, as Go's
 * encoders write it. What was not taken by {@link #end} is refused as unknown.
 */
public final class Fields {
  private static final BigInteger MOST_UNSIGNED =
      BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

  /** The longest text in bytes; a kernel takes no longer argument (MAX_ARG_STRLEN). */
  private static final int MOST_TEXT = 131071;

  private static final int MOST_ITEMS = 65536;

  private final Map<?, ?> members;
  private final String pointer;
  private final Problems problems;
  private final Set<String> taken = new HashSet<>();

  private Fields(Map<?, ?> members, String pointer, Problems problems) {
    this.members = members;
    this.pointer = pointer;
    this.problems = problems;
  }

  /** The members of a value, none if it is not an object (which is then an error). */
  public static Fields of(@Nullable Object value, String pointer, Problems problems) {
    if (value instanceof Map<?, ?> map) {
      return new Fields(map, pointer, problems);
    }
    problems.error(pointer, "must be an object");
    return new Fields(Map.of(), pointer, problems);
  }

  /** The length of a text in UTF-8. */
  public static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  public String pointer() {
    return pointer;
  }

  public Problems problems() {
    return problems;
  }

  /** The pointer of a member. */
  public String pointer(String name) {
    return pointer + "/" + name.replace("~", "~0").replace("/", "~1");
  }

  public void error(String name, String detail) {
    problems.error(pointer(name), detail);
  }

  public void warn(String name, String detail) {
    problems.warn(pointer(name), detail);
  }

  public boolean has(String name) {
    return members.get(name) != null;
  }

  /** The member as it is, or null. */
  public @Nullable Object take(String name) {
    taken.add(name);
    return members.get(name);
  }

  /** A text without NUL, or null. */
  public @Nullable String text(String name) {
    Object value = take(name);
    return value == null ? null : checkText(value, pointer(name));
  }

  public String text(String name, String absent) {
    String value = text(name);
    return value == null ? absent : value;
  }

  private @Nullable String checkText(@Nullable Object value, String at) {
    if (!(value instanceof String text)) {
      problems.error(at, "must be a string");
      return null;
    }
    if (bytes(text) > MOST_TEXT) {
      problems.error(at, "is longer than " + MOST_TEXT + " bytes");
      return null;
    }
    if (text.indexOf(0) >= 0) {
      problems.error(at, "must not hold a NUL character");
      return null;
    }
    return text;
  }

  public boolean flag(String name) {
    Object value = take(name);
    if (value != null && !(value instanceof Boolean)) {
      error(name, "must be true or false");
    }
    return Boolean.TRUE.equals(value);
  }

  /** A whole number from {@code least} to {@code most}, or null. */
  public @Nullable Long number(String name, long least, long most) {
    Object value = take(name);
    if (value == null) {
      return null;
    }
    BigInteger number = whole(value);
    if (number == null) {
      error(name, "must be a whole number");
      return null;
    }
    if (number.compareTo(BigInteger.valueOf(least)) < 0
        || number.compareTo(BigInteger.valueOf(most)) > 0) {
      error(name, "must be from " + least + " to " + most);
      return null;
    }
    return number.longValue();
  }

  public long number(String name, long least, long most, long absent) {
    Long value = number(name, least, most);
    return value == null ? absent : value;
  }

  /** An unsigned 64-bit number that has to be there. */
  public long unsigned(String name) {
    Object value = take(name);
    BigInteger number = value == null ? null : whole(value);
    if (number == null || number.signum() < 0 || number.compareTo(MOST_UNSIGNED) > 0) {
      error(name, value == null ? "is required" : "must be a whole number from 0 to 2^64-1");
      return 0;
    }
    return number.longValue();
  }

  private static @Nullable BigInteger whole(Object value) {
    return switch (value) {
      case Integer number -> BigInteger.valueOf(number);
      case Long number -> BigInteger.valueOf(number);
      case BigInteger number -> number;
      default -> null;
    };
  }

  /** The texts of an array; empty if it is absent. */
  public List<String> texts(String name) {
    List<String> texts = new ArrayList<>();
    int index = 0;
    for (Object item : items(name)) {
      String text = checkText(item, pointer(name) + "/" + index++);
      texts.add(text == null ? "" : text);
    }
    return List.copyOf(texts);
  }

  /** The objects of an array; empty if it is absent. */
  public List<Fields> objects(String name) {
    List<Fields> objects = new ArrayList<>();
    int index = 0;
    for (Object item : items(name)) {
      objects.add(of(item, pointer(name) + "/" + index++, problems));
    }
    return objects;
  }

  /** The items of an array; empty if it is absent. */
  public List<?> items(String name) {
    Object value = take(name);
    if (value == null) {
      return List.of();
    }
    if (value instanceof List<?> list && list.size() > MOST_ITEMS) {
      error(name, "holds more than " + MOST_ITEMS + " items");
      return List.of();
    }
    if (value instanceof List<?> list) {
      return list;
    }
    error(name, "must be an array");
    return List.of();
  }

  /** An object's members, or null. */
  public @Nullable Fields object(String name) {
    Object value = take(name);
    return value == null ? null : of(value, pointer(name), problems);
  }

  /** An object whose members are all texts; empty if it is absent. */
  public Map<String, String> textMap(String name) {
    Fields fields = object(name);
    Map<String, String> texts = new LinkedHashMap<>();
    if (fields != null) {
      for (Object key : fields.members.keySet()) {
        String text = fields.text((String) key);
        texts.put((String) key, text == null ? "" : text);
      }
    }
    return texts;
  }

  /** Refuses a member that is there and says something. */
  public void refuse(String name, String why) {
    if (!saysNothing(take(name))) {
      error(name, why);
    }
  }

  /** Reports a member that is there and says something as ignored. */
  public void ignore(String name, String why) {
    if (!saysNothing(take(name))) {
      warn(name, "ignored: " + why);
    }
  }

  private static boolean saysNothing(@Nullable Object value) {
    return switch (value) {
      case null -> true;
      case String text -> text.isEmpty();
      case List<?> list -> list.isEmpty();
      case Map<?, ?> map -> map.values().stream().allMatch(Fields::saysNothing);
      default -> false;
    };
  }

  /** What was not taken. */
  List<Map.Entry<?, ?>> others() {
    List<Map.Entry<?, ?>> others = new ArrayList<>();
    for (Map.Entry<?, ?> entry : members.entrySet()) {
      if (!taken.contains((String) entry.getKey())) {
        others.add(entry);
      }
    }
    return others;
  }

  /** Refuses what was not taken. */
  public void end() {
    for (Map.Entry<?, ?> other : others()) {
      error((String) other.getKey(), "is not known");
    }
  }
}
