package dev.skerry.client.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;

/** A refusal, RFC 9457, in words. */
final class Problem {
  private static final int UNAUTHORIZED = 401;

  private Problem() {}

  static String text(HttpResponse<String> response, JsonNode body) {
    StringBuilder text = new StringBuilder();
    String title = body.path("title").asText("");
    String detail = body.path("detail").asText("");
    text.append(title.isEmpty() ? "HTTP status " + response.statusCode() : title);
    if (!detail.isEmpty() && !detail.equals(title)) {
      text.append(": ").append(detail);
    }
    for (JsonNode error : body.path("errors")) {
      text.append("\n  ").append(error.path("pointer").asText(""));
      String errorDetail = error.path("detail").asText("");
      if (!errorDetail.equals(detail)) {
        text.append(": ").append(errorDetail);
      }
    }
    if (response.statusCode() == UNAUTHORIZED) {
      text.append("; SKERRY_TOKEN must be what the service keeps in the file token of its data");
    }
    return text.toString();
  }
}
