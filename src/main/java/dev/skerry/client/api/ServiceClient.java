package dev.skerry.client.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** The REST API, as far as the command line needs it. */
public final class ServiceClient {
  public static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

  private final ServiceAddress address;
  private final HttpClient http;

  public ServiceClient(ServiceAddress address) {
    this.address = address;
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT);
    if ("http".equals(address.base().getScheme())) {
      builder.sslContext(PlainOnly.context());
    }
    this.http = builder.build();
  }

  public ServiceAddress address() {
    return address;
  }

  HttpClient http() {
    return http;
  }

  /** Creates a sandbox and starts it; its resource. */
  public JsonNode startRun(ObjectNode body) {
    return send(post("v1/runs", body), "start the run");
  }

  public JsonNode sandbox(String id) {
    return send(request("v1/sandboxes/" + id).GET().build(), "ask about the sandbox");
  }

  /** Signals the first process, or its foreground job. A sandbox that has ended is no error. */
  public void kill(String id, String signal) {
    ObjectNode body = JSON.createObjectNode();
    body.put("signal", signal);
    exchange(post("v1/sandboxes/" + id + "/kill", body));
  }

  /** Ends the sandbox if need be, and removes what is left of it. */
  public void delete(String id) {
    send(request("v1/sandboxes/" + id + "?force=true").DELETE().build(), "remove the sandbox");
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(resolve(path))
        .header("Authorization", "Bearer " + address.token());
  }

  private URI resolve(String path) {
    return address.base().resolve(path);
  }

  private HttpRequest post(String path, ObjectNode body) {
    return request(path)
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
        .build();
  }

  private JsonNode send(HttpRequest request, String purpose) {
    HttpResponse<String> response = exchange(request);
    JsonNode answer = parse(response.body());
    if (response.statusCode() / 100 != 2) {
      throw new ClientException("cannot " + purpose + ": " + Problem.text(response, answer));
    }
    return answer;
  }

  private HttpResponse<String> exchange(HttpRequest request) {
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (ConnectException e) {
      throw new ClientException(
          "no service answers at " + address.base() + "; start one with: skerry serve", e);
    } catch (IOException e) {
      throw new ClientException("the service at " + address.base() + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClientException("interrupted", e);
    }
  }

  private static JsonNode parse(String body) {
    if (body.isEmpty()) {
      return JSON.createObjectNode();
    }
    try {
      return JSON.readTree(body);
    } catch (JsonProcessingException e) {
      return JSON.createObjectNode();
    }
  }
}
