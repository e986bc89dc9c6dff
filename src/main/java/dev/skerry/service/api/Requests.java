package dev.skerry.service.api;

import dev.skerry.oci.Problems;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads and checks bodies. */
final class Requests {
  private Requests() {}

  /** What checks a body. */
  interface Reader<T> {
    T read(@Nullable Object body, Problems problems);
  }

  /** Reads a body; anything wrong with it becomes one problem document that names everything. */
  static <T> T read(InputStream body, Problems problems, Reader<T> reader) throws IOException {
    return checked(JsonBody.read(body, null), problems, reader);
  }

  /** The same; an empty body stands for an object without fields. */
  static <T> T readOptional(InputStream body, Problems problems, Reader<T> reader)
      throws IOException {
    return checked(JsonBody.read(body, Map.of()), problems, reader);
  }

  private static <T> T checked(@Nullable Object body, Problems problems, Reader<T> reader) {
    T value = reader.read(body, problems);
    if (!problems.errors().isEmpty()) {
      throw new ProblemException(422, "the request has fields that are wrong", problems.errors());
    }
    return value;
  }
}
