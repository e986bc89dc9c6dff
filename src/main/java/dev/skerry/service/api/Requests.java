package dev.skerry.service.api;

import dev.skerry.oci.Problems;
import java.io.IOException;
import java.io.InputStream;
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
    T value = reader.read(JsonBody.read(body), problems);
    if (!problems.errors().isEmpty()) {
      throw new ProblemException(422, "the request has fields that are wrong", problems.errors());
    }
    return value;
  }
}
