package dev.skerry.client.run;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skerry.client.api.ServiceClient;
import dev.skerry.client.api.StdioChannel;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import org.jspecify.annotations.Nullable;

/** One run: starts it, moves its streams, and waits for its end. */
final class Run {
  private final ServiceClient service;
  private final RunOptions options;

  Run(ServiceClient service, RunOptions options) {
    this.service = service;
    this.options = options;
  }

  /** The status to exit with. */
  int execute() {
    OwnTerminal terminal = options.terminal ? OwnTerminal.find() : null;
    JsonNode started =
        service.startRun(
            new SpecComposer(options).compose(terminal == null ? null : terminal.size()));
    String id = started.path("id").asText();
    warn(started);
    try {
      ExitStatus status = finish(follow(id, terminal));
      if (status.message() != null) {
        System.err.println("skerry: " + status.message());
      }
      return status.status();
    } finally {
      if (!options.keep) {
        service.delete(id);
      }
    }
  }

  private JsonNode follow(String id, @Nullable OwnTerminal terminal) {
    StdioChannel channel =
        new StdioChannel(
            service,
            id,
            new FileOutputStream(FileDescriptor.out),
            new FileOutputStream(FileDescriptor.err));
    SignalForwarding.start(service, id);
    if (terminal == null) {
      new StdinPump(channel, options.interactive).start();
      return channel.await();
    }
    SignalForwarding.onResize(() -> channel.resize(terminal.size()));
    if (options.interactive) {
      terminal.makeRaw();
    }
    try {
      new StdinPump(channel, options.interactive).start();
      return channel.await();
    } finally {
      terminal.restore();
    }
  }

  private static void warn(JsonNode resource) {
    for (JsonNode warning : resource.path("warnings")) {
      System.err.println(
          "skerry: warning: "
              + warning.path("pointer").asText("")
              + ": "
              + warning.path("detail").asText(""));
    }
  }

  private ExitStatus finish(JsonNode resource) {
    if (options.json) {
      System.out.println(resource.toPrettyString());
    }
    return ExitStatus.of(resource);
  }
}
