package dev.skerry.service.api;

import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a request's body as plain values, with bounds on its size and depth. */
final class JsonBody {
  /** The longest body in bytes. */
  static final int MOST_BYTES = 1 << 20;

  private static final int MOST_DEPTH = 64;

  private static final ObjectMapper MAPPER =
      new ObjectMapper(
              new JsonFactoryBuilder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MOST_DEPTH)
                          .maxNumberLength(64)
                          .maxStringLength(MOST_BYTES)
                          .build())
                  .build())
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private JsonBody() {}

  /**
   * The value.
   *
   * @param absent for an empty body; null if there has to be one
   */
  static @Nullable Object read(InputStream body, @Nullable Object absent) throws IOException {
    byte[] bytes = body.readNBytes(MOST_BYTES + 1);
    if (bytes.length > MOST_BYTES) {
      throw new ProblemException(
          413, "the body is longer than " + MOST_BYTES + " bytes", List.of());
    }
    if (bytes.length == 0 && absent != null) {
      return absent;
    }
    try {
      return MAPPER.readValue(bytes, Object.class);
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation();
      String where =
          at == null ? "" : "line " + at.getLineNr() + ", column " + at.getColumnNr() + ": ";
      throw new ProblemException(400, "no JSON: " + where + e.getOriginalMessage(), List.of());
    }
  }
}
