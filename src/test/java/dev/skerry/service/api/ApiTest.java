package dev.skerry.service.api;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;

import dev.skerry.service.config.DataDirectory;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.concurrent.CompletionException;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is refused, and how: tokens, hosts, origins, paths, methods, bodies. */
@QuarkusTest
class ApiTest {
  private static final String PROBLEM = "application/problem+json";

  @Inject DataDirectory data;

  private String token() {
    try {
      return Files.readString(data.token()).strip();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private RequestSpecification client() {
    return given().header("Authorization", "Bearer " + token());
  }

  private RequestSpecification json(String body) {
    return client().contentType(ContentType.JSON).body(body);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/info",
        "/v1/sandboxes",
        "/v1/sandboxes/x/stdio",
        "/q/health/ready",
        "/q/health/live",
        "/q/metrics",
        "/q/openapi",
        "/nothing"
      })
  void nothingWithoutTheToken(String path) {
    given().get(path).then().statusCode(401).contentType(PROBLEM);
    given().header("Authorization", "Bearer x").get(path).then().statusCode(401);
    given().header("Authorization", "Basic " + token()).get(path).then().statusCode(401);
    client().header("Host", "evil.example").get(path).then().statusCode(403);
    client().header("Origin", "http://evil.example").get(path).then().statusCode(403);
    client().header("Origin", "null").get(path).then().statusCode(403);
  }

  @Test
  void theTokenIsForTheOwnerOnly() throws IOException {
    Assertions.assertEquals(
        PosixFilePermissions.fromString("rw-------"), Files.getPosixFilePermissions(data.token()));
  }

  @Test
  void errorsOfTheFrameworkAreProblemsToo() {
    client().get("/v1/nothing").then().statusCode(404).contentType(PROBLEM);
    client().put("/v1/sandboxes").then().statusCode(405).contentType(PROBLEM);
    client()
        .contentType("text/plain")
        .body("{}")
        .post("/v1/sandboxes")
        .then()
        .statusCode(415)
        .contentType(PROBLEM);
    client().get("/v1/sandboxes/none").then().statusCode(404).body("detail", notNullValue());
    client().delete("/v1/sandboxes/none").then().statusCode(404);
    json("{}").post("/v1/sandboxes/none/kill").then().statusCode(404);
    client().post("/v1/sandboxes/none/start").then().statusCode(404);
    client().get("/v1/sandboxes?state=odd").then().statusCode(422);
  }

  @Test
  void malformedJsonIsLocated() {
    json("{\n  \"spec\": nope}")
        .post("/v1/sandboxes")
        .then()
        .statusCode(400)
        .contentType(PROBLEM)
        .body("detail", containsString("line 2"));
    json("{\"spec\":{},\"spec\":{}}").post("/v1/sandboxes").then().statusCode(400);
  }

  @Test
  void aBodyOverOneMebibyteIsTooLong() {
    json(" ".repeat((1 << 20) + 1)).post("/v1/runs").then().statusCode(413).contentType(PROBLEM);
  }

  @Test
  void everyWrongFieldIsNamed() {
    json("{\"spec\":{\"ociVersion\":\"1.2.0\",\"process\":{\"args\":[],\"x\":1},\"hooks\":{\"a\":[1]}},"
            + "\"rootfs\":{\"type\":\"hose\"},\"more\":true}")
        .post("/v1/sandboxes")
        .then()
        .statusCode(422)
        .contentType(PROBLEM)
        .body(
            "errors.pointer",
            containsInAnyOrder(
                "/spec/process/args", "/spec/process/x", "/spec/hooks", "/rootfs/type", "/more"));
  }

  @Test
  void theHostsRootHasToBeSwitchedOn() {
    json(run("{\"type\":\"host\"}"))
        .post("/v1/runs")
        .then()
        .statusCode(422)
        .body("errors[0].pointer", equalTo("/rootfs/type"));
  }

  @Test
  void directoriesOutsideTheAllowedOnesAreRefused() {
    json(run("{\"type\":\"directory\",\"path\":\"/etc\"}"))
        .post("/v1/runs")
        .then()
        .statusCode(422)
        .body("errors[0].pointer", equalTo("/rootfs/path"))
        .body("errors[0].detail", containsString("outside"));
    json(run("{\"type\":\"directory\",\"path\":\"" + data.root() + "/rootfs/none\"}"))
        .post("/v1/runs")
        .then()
        .statusCode(422)
        .body("errors[0].detail", equalTo("does not exist"));
  }

  private static String run(String rootfs) {
    return "{\"rootfs\":"
        + rootfs
        + ",\"spec\":{\"ociVersion\":\"1.2.0\",\"process\":{\"args\":[\"true\"]}}}";
  }

  @Test
  void infoHealthAndMetrics() {
    client().get("/v1/info").then().statusCode(200).body("platform", equalTo("notify"));
    client().get("/q/health/live").then().statusCode(200);
    client().get("/q/metrics").then().statusCode(200).body(containsString("skerry_sandboxes"));
  }

  @Test
  void theHandshakeLooksAtTheTokenInTheSubprotocolToo() {
    String encoded =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(token().getBytes(StandardCharsets.UTF_8));
    Assertions.assertEquals(401, handshake("v1.skerry"));
    Assertions.assertEquals(
        401, handshake("v1.skerry", "base64url.bearer.authorization.k8s.io.eHh4"));
    // Let in, and told that the sandbox is not there.
    Assertions.assertEquals(
        404, handshake("v1.skerry", "base64url.bearer.authorization.k8s.io." + encoded));
  }

  private static int handshake(String protocol, String... others) {
    int port = ConfigProvider.getConfig().getValue("quarkus.http.test-port", int.class);
    try (HttpClient client = HttpClient.newHttpClient()) {
      client
          .newWebSocketBuilder()
          .subprotocols(protocol, others)
          .buildAsync(
              URI.create("ws://localhost:" + port + "/v1/sandboxes/none/stdio"),
              new WebSocket.Listener() {})
          .join();
      return 101;
    } catch (CompletionException e) {
      return ((WebSocketHandshakeException) e.getCause()).getResponse().statusCode();
    }
  }
}
