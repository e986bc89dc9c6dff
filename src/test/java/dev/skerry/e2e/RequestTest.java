package dev.skerry.e2e;

import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.restassured.http.ContentType;
import io.restassured.path.json.JsonPath;
import io.restassured.response.ValidatableResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Requests that are wrong, come too early or too late, or from the wrong one. */
class RequestTest {
  private static ServiceProcess service;

  @BeforeAll
  static void start() throws IOException {
    service = ServiceProcess.start();
  }

  @AfterAll
  static void end() throws IOException, InterruptedException {
    service.close();
  }

  private static ValidatableResponse problem(String body, int status) {
    return service
        .request()
        .contentType(ContentType.JSON)
        .body(body)
        .post("/v1/sandboxes")
        .then()
        .statusCode(status)
        .contentType(startsWith("application/problem+json"))
        .body("status", equalTo(status));
  }

  private static ValidatableResponse refused(SandboxRequest request, String pointer) {
    return Run.post(service, "/v1/sandboxes", request)
        .then()
        .statusCode(422)
        .contentType(startsWith("application/problem+json"))
        .body("errors.pointer", hasItem(pointer));
  }

  @Test
  void malformedJson() {
    problem("{\"spec\":", 400);
    problem("", 400);
    problem("[]", 422);
  }

  @Test
  void unknownFieldsAreNamed() {
    refused(SandboxRequest.of("/bin/true").field("specc", 1), "/specc");
    refused(SandboxRequest.of("/bin/true").specField("hostnam", "x"), "/spec/hostnam");
    refused(SandboxRequest.of("/bin/true").processField("argz", List.of()), "/spec/process/argz");
  }

  @Test
  void wrongFieldsAreNamed() {
    refused(SandboxRequest.of("/bin/true").processField("args", "true"), "/spec/process/args");
    refused(SandboxRequest.of("/bin/true").processField("args", List.of()), "/spec/process/args");
    refused(SandboxRequest.of("/bin/true").processField("cwd", "relative"), "/spec/process/cwd");
    refused(
        SandboxRequest.of("/bin/true").processField("user", Map.of("uid", -1, "gid", 0)),
        "/spec/process/user/uid");
    refused(SandboxRequest.of("/bin/true").wallTimeout(0), "/wallTimeoutSeconds");
  }

  @Test
  void missingRootFileSystem() {
    refused(SandboxRequest.of("/bin/true").directory("/tmp/no-such-root", false), "/rootfs/path");
  }

  @Test
  void rootFileSystemElsewhere() {
    refused(SandboxRequest.of("/bin/true").directory("/etc", false), "/rootfs/path");
    refused(SandboxRequest.of("/bin/true").directory("/tmp/../etc", false), "/rootfs/path");
  }

  /** C32, C69: the error says what was looked for, and where. */
  @Test
  void missingExecutable() {
    ValidatableResponse response =
        Run.post(service, "/v1/runs", SandboxRequest.of("no-such-program")).then();
    String text = response.extract().asString();
    assertTrue(text.contains("no-such-program"), text);
    response.statusCode(422);
  }

  /** C70. */
  @Test
  void unknownSandbox() {
    service.request().get("/v1/sandboxes/none").then().statusCode(404);
    service.request().post("/v1/sandboxes/none/start").then().statusCode(404);
    service.request().delete("/v1/sandboxes/none").then().statusCode(404);
    service.request().get("/v1/sandboxes/none/wait").then().statusCode(404);
    service.request().get("/v1/sandboxes/..%2f..%2fetc").then().statusCode(404);
  }

  /** C70, C78. */
  @Test
  void aLifeInSteps() {
    String id = create(SandboxRequest.of("/bin/sleep", "100"));
    assertEquals("created", Run.resource(service, id).getString("state"));
    kill(id, "SIGTERM").statusCode(409);
    service.request().post("/v1/sandboxes/" + id + "/start").then().statusCode(200);
    assertEquals("running", Run.resource(service, id).getString("state"));
    service.request().post("/v1/sandboxes/" + id + "/start").then().statusCode(409);
    service.request().delete("/v1/sandboxes/" + id).then().statusCode(409);
    kill(id, "SIGNONE").statusCode(422);
    kill(id, "SIGKILL").statusCode(204);
    JsonPath ended = Run.await(service, id, 10);
    assertEquals("signaled", ended.getString("exit.verdict"));
    assertEquals("SIGKILL", ended.getString("exit.signal"));
    kill(id, "SIGTERM").statusCode(409);
    service.request().post("/v1/sandboxes/" + id + "/start").then().statusCode(409);
    service.request().delete("/v1/sandboxes/" + id).then().statusCode(204);
    service.request().get("/v1/sandboxes/" + id).then().statusCode(404);
    assertTrue(Files.notExists(service.stateOf(id)));
  }

  private static String create(SandboxRequest request) {
    return Run.post(service, "/v1/sandboxes", request).then().statusCode(201).extract().path("id");
  }

  private static ValidatableResponse kill(String id, String signal) {
    return service
        .request()
        .contentType(ContentType.JSON)
        .body(Map.of("signal", signal))
        .post("/v1/sandboxes/" + id + "/kill")
        .then();
  }

  @Test
  void deletionByForce() {
    String id = create(SandboxRequest.of("/bin/sleep", "100"));
    service.request().post("/v1/sandboxes/" + id + "/start").then().statusCode(200);
    service
        .request()
        .queryParam("force", true)
        .delete("/v1/sandboxes/" + id)
        .then()
        .statusCode(204);
    service.request().get("/v1/sandboxes/" + id).then().statusCode(404);
    assertTrue(Files.notExists(service.stateOf(id)));
  }

  @Test
  void waitingIsBounded() {
    String id = create(SandboxRequest.of("/bin/true"));
    assertEquals("created", Run.await(service, id, 1).getString("state"));
    service
        .request()
        .queryParam("timeoutSeconds", 301)
        .get("/v1/sandboxes/" + id + "/wait")
        .then()
        .statusCode(422);
    service.request().delete("/v1/sandboxes/" + id).then().statusCode(204);
  }

  @Test
  void strangersStayOutside() throws IOException {
    for (String path :
        List.of("/v1/sandboxes", "/q/health/live", "/q/metrics", "/q/openapi", "/")) {
      service.stranger().get(path).then().statusCode(401);
      service.stranger().header("Authorization", "Bearer x").get(path).then().statusCode(401);
      service.request().header("Host", "evil.example").get(path).then().statusCode(403);
      service.request().header("Origin", "http://evil.example").get(path).then().statusCode(403);
    }
    assertEquals(
        "rw-------",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(service.tokenFile())));
  }

  @Test
  void whatOperatorsLookAt() {
    service.request().get("/q/health/live").then().statusCode(200);
    service.request().get("/q/openapi").then().statusCode(200);
    String metrics =
        service.request().get("/q/metrics").then().statusCode(200).extract().asString();
    assertTrue(metrics.contains("skerry_"), metrics);
    service.request().get("/v1/info").then().statusCode(200);
  }

  /** Off unless the operator has said so. */
  @Test
  void theHostsRootMustBeAllowed() throws IOException, InterruptedException {
    try (ServiceProcess strict = ServiceProcess.start(Map.of())) {
      Run.post(strict, "/v1/sandboxes", SandboxRequest.of("/bin/true"))
          .then()
          .statusCode(422)
          .body("errors.pointer", hasItem(startsWith("/rootfs")));
      Path root = Files.createTempDirectory("skerry-root-");
      Run.post(strict, "/v1/sandboxes", SandboxRequest.of("/x").directory(root.toString(), false))
          .then()
          .statusCode(422)
          .body("errors.pointer", hasItem("/rootfs/path"));
      Files.delete(root);
    }
  }

  @Test
  void sandboxesAreFoundByLabelAndState() {
    String id = create(SandboxRequest.of("/bin/true").field("labels", Map.of("job", "7")));
    service
        .request()
        .queryParam("label", "job=7")
        .queryParam("state", "created")
        .get("/v1/sandboxes")
        .then()
        .body("items.id", equalTo(List.of(id)));
    service
        .request()
        .queryParam("label", "job=8")
        .get("/v1/sandboxes")
        .then()
        .body("items.size()", equalTo(0));
    service.request().delete("/v1/sandboxes/" + id).then().statusCode(204);
  }
}
