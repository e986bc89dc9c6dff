package dev.skerry.e2e;

import io.restassured.http.ContentType;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

/**
 * A run from the request to its end.
 *
 * @param resource the sandbox's resource at the end
 */
public record Run(String id, JsonPath resource, byte[] output, byte[] errors) {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /** Runs it to its end; there is no input, nor an end of it. */
  public static Run of(ServiceProcess service, SandboxRequest request) throws TimeoutException {
    return of(service, request, LIMIT);
  }

  /** The same, for one that may take longer. */
  public static Run of(ServiceProcess service, SandboxRequest request, Duration limit)
      throws TimeoutException {
    String id = begin(service, request);
    try (StdioSocket socket = StdioSocket.open(service, id)) {
      socket.awaitClose(limit);
      return end(service, id, socket);
    }
  }

  /** Creates and starts it. */
  public static String begin(ServiceProcess service, SandboxRequest request) {
    Response response = post(service, "/v1/runs", request);
    if (response.statusCode() != 201) {
      throw new IllegalStateException(response.statusCode() + " " + response.asString());
    }
    return response.jsonPath().getString("id");
  }

  public static Response post(ServiceProcess service, String path, SandboxRequest request) {
    return service.request().contentType(ContentType.JSON).body(request.body()).post(path);
  }

  /** What a connection that has seen the end has heard. */
  public static Run end(ServiceProcess service, String id, StdioSocket socket) {
    return new Run(id, resource(service, id), socket.bytes(1), socket.bytes(2));
  }

  /** Waits for the end of a sandbox, through {@code wait}. */
  public static JsonPath await(ServiceProcess service, String id, int seconds) {
    return service
        .request()
        .queryParam("timeoutSeconds", seconds)
        .get("/v1/sandboxes/" + id + "/wait")
        .jsonPath();
  }

  public static JsonPath resource(ServiceProcess service, String id) {
    return service.request().get("/v1/sandboxes/" + id).jsonPath();
  }

  public String text() {
    return new String(output, java.nio.charset.StandardCharsets.UTF_8);
  }

  public String errorText() {
    return new String(errors, java.nio.charset.StandardCharsets.UTF_8);
  }

  public String verdict() {
    return resource.getString("exit.verdict");
  }

  /** The exit status as a shell tells it; -1 if there is none. */
  public int status() {
    if (resource.get("exit.exitCode") != null) {
      return resource.getInt("exit.exitCode");
    }
    String signal = resource.getString("exit.signal");
    return signal == null ? -1 : 128 + Signals.number(signal);
  }
}
