package dev.skerry.e2e;

import static io.restassured.RestAssured.given;

import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A service in a process of its own, with a data directory of its own: {@code ./skerry serve}. */
public final class ServiceProcess implements AutoCloseable {
  private static final Duration START = Duration.ofMinutes(2);

  private final Path data;
  private final Map<String, String> settings;
  private final @Nullable Path home;
  private Process process;
  private URI uri;

  private ServiceProcess(Path data, Map<String, String> settings, @Nullable Path home)
      throws IOException {
    this.data = data;
    this.settings = settings;
    this.home = home;
    this.uri = freeAddress();
    this.process = launch();
  }

  /** One that allows the machine's own root, and root file systems below {@code /tmp}. */
  public static ServiceProcess start() throws IOException {
    return start(Map.of("SKERRY_ROOTFS_HOST", "true", "SKERRY_ROOTFS_DIRECTORIES", "/tmp"));
  }

  /**
   * @param settings environment variables on top of the test's own
   */
  public static ServiceProcess start(Map<String, String> settings) throws IOException {
    return start(settings, null);
  }

  /**
   * @param home the directory with the parts of a sandbox; null for the one that was built
   */
  static ServiceProcess start(Map<String, String> settings, @Nullable Path home)
      throws IOException {
    Path data = Files.createTempDirectory("skerry-e2e-");
    ServiceProcess service = new ServiceProcess(data, settings, home);
    service.awaitReady();
    return service;
  }

  private static URI freeAddress() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return URI.create("http://127.0.0.1:" + socket.getLocalPort());
    }
  }

  private Process launch() throws IOException {
    List<String> command = new ArrayList<>(program());
    command.addAll(List.of("serve", "--port", Integer.toString(uri.getPort())));
    command.addAll(List.of("--data", data.toString()));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(settings);
    builder.redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(data.resolve("service.log").toFile()));
    return builder.start();
  }

  /** The command line; with another home than the one that it knows, what it would run. */
  private List<String> program() {
    if (home == null) {
      return List.of(Path.of("skerry").toAbsolutePath().toString());
    }
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "@build/service.options",
        "-Dskerry.home=" + home,
        "-cp",
        "target/skerry/quarkus-app/quarkus-run.jar",
        "dev.skerry.client.Main");
  }

  private void awaitReady() throws IOException {
    boolean ready =
        Waiting.until(
            START,
            () ->
                !process.isAlive()
                    || (Files.exists(tokenFile()) && Waiting.answers(uri) && isReady()));
    if (!ready || !process.isAlive()) {
      String log = Files.readString(data.resolve("service.log"));
      process.destroyForcibly();
      throw new IOException("the service does not start: " + log);
    }
  }

  private boolean isReady() {
    return request().get("/q/health/ready").statusCode() == 200;
  }

  public URI uri() {
    return uri;
  }

  public Path data() {
    return data;
  }

  public Path tokenFile() {
    return data.resolve("token");
  }

  public Path stateOf(String id) {
    return data.resolve("sandboxes").resolve(id);
  }

  public long pid() {
    return process.pid();
  }

  /** The bearer token. */
  public String token() {
    try {
      return Files.readString(tokenFile()).strip();
    } catch (IOException e) {
      throw new IllegalStateException("no token", e);
    }
  }

  /** A request that is allowed in. */
  public RequestSpecification request() {
    return given().baseUri(uri.toString()).header("Authorization", "Bearer " + token());
  }

  /** A request without the token. */
  public RequestSpecification stranger() {
    return given().baseUri(uri.toString());
  }

  /** SIGKILL: the service has no time for anything. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Starts it again, on the same data and at the same address. */
  public void restart() throws IOException {
    process = launch();
    awaitReady();
  }

  /** Ends every sandbox, then the service, and removes its files. */
  @Override
  public void close() throws IOException, InterruptedException {
    if (process.isAlive()) {
      List<String> ids = request().get("/v1/sandboxes").jsonPath().getList("items.id");
      for (String id : ids) {
        request().queryParam("force", true).delete("/v1/sandboxes/" + id);
      }
      process.destroy();
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    }
    Waiting.deleteTree(data);
  }
}
