package dev.skerry.client.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skerry.client.api.ServiceAddress;
import dev.skerry.client.api.ServiceClient;
import dev.skerry.client.api.StdioChannel;
import dev.skerry.client.run.ExitStatus;
import dev.skerry.client.run.RunOptions;
import dev.skerry.client.run.SpecComposer;
import dev.skerry.service.embedded.EmbeddedService;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Skerry, through the public API of one service. */
final class SkerryContender implements Contender {
  private static final List<String> SLEEP = List.of("/bin/sleep", "600");

  private final EmbeddedService service = EmbeddedService.start();
  private final ServiceClient client =
      new ServiceClient(new ServiceAddress(service.uri(), service.token()));

  private final @Nullable Path root;

  /**
   * @param root a root file system, put under an overlay; null for the machine's own
   */
  SkerryContender(@Nullable Path root) {
    this.root = root;
  }

  private ObjectNode body(List<String> command) {
    RunOptions options = RunOptions.of(command);
    return new SpecComposer(root == null ? options : options.over(root)).compose(null);
  }

  @Override
  public String name() {
    return "skerry";
  }

  @Override
  public Outcome run(List<String> command) {
    ObjectNode body = body(command);
    OutputTimer output = new OutputTimer();
    long start = System.nanoTime();
    String id = client.startRun(body).path("id").asText();
    StdioChannel channel = new StdioChannel(client, id, output, OutputStream.nullOutputStream());
    JsonNode resource = channel.await();
    long end = System.nanoTime();
    client.delete(id);
    int status = ExitStatus.of(resource).status();
    return new Outcome(status, output.text(), output.firstByteSince(start), end - start);
  }

  @Override
  public Idle idle() {
    String id = client.startRun(body(SLEEP)).path("id").asText();
    Path state = service.data().resolve("sandboxes").resolve(id);
    return new Idle() {
      @Override
      public List<Long> roots() throws IOException {
        for (String line : Files.readAllLines(state.resolve("pids"))) {
          if (line.startsWith("monitor=")) {
            return List.of(Long.parseLong(line.substring("monitor=".length())));
          }
        }
        return List.of();
      }

      @Override
      public void close() {
        client.delete(id);
      }
    };
  }

  @Override
  public void close() {
    service.close();
  }
}
