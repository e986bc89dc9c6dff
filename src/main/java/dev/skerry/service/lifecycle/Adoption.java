package dev.skerry.service.lifecycle;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.skerry.control.Reply;
import dev.skerry.service.metrics.SandboxMeters;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Finds the sandboxes of an earlier run of the service, which live on without it. */
final class Adoption {
  private static final Logger LOG = Logger.getLogger(Adoption.class);
  private static final Duration QUERY = Duration.ofSeconds(2);

  private final Path directory;
  private final ObjectMapper mapper;
  private final SandboxMeters meters;
  private final Duration startTimeout;

  Adoption(Path directory, ObjectMapper mapper, SandboxMeters meters, Duration startTimeout) {
    this.directory = directory;
    this.mapper = mapper;
    this.meters = meters;
    this.startTimeout = startTimeout;
  }

  List<Sandbox> adoptAll() {
    List<Sandbox> adopted = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, Files::isDirectory)) {
      for (Path path : found) {
        Sandbox sandbox = adopt(new SandboxFiles(path, mapper));
        if (sandbox != null) {
          adopted.add(sandbox);
        }
      }
    } catch (IOException e) {
      LOG.errorf(e, "%s cannot be read; its sandboxes are not known", directory);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return adopted;
  }

  private @Nullable Sandbox adopt(SandboxFiles files) throws InterruptedException {
    try {
      SandboxRecord record = files.load();
      if (record.state() != SandboxState.STOPPED && record.monitor() == null) {
        record = Remains.identify(files, record);
      }
      Sandbox sandbox = new Sandbox(files, record, meters, startTimeout);
      if (record.state() != SandboxState.STOPPED) {
        resume(sandbox, record);
      }
      return sandbox;
    } catch (FileNotFoundException | NoSuchFileException e) {
      // No client was ever told of it: the record comes before everything else.
      LOG.warnf("%s has no record and is removed", files.directory());
      discard(files);
      return null;
    } catch (IOException e) {
      LOG.errorf(e, "%s has a record that cannot be read, and is left as it is", files.directory());
      return null;
    }
  }

  private static void resume(Sandbox sandbox, SandboxRecord record) throws InterruptedException {
    if (record.state() == SandboxState.CREATING) {
      sandbox.conclude(null, "the service ended while the sandbox was being created");
      return;
    }
    if (!Remains.isAlive(record)) {
      sandbox.conclude(null, "the sandbox ended while the service was down");
      return;
    }
    try {
      sandbox.connect();
    } catch (IOException e) {
      sandbox.conclude(null, "the sentry takes no connection: " + e.getMessage());
      return;
    }
    Reply.@Nullable Report report = sandbox.query(QUERY);
    if (report != null && report.started()) {
      sandbox.change(now -> now.state() == SandboxState.CREATED ? now.started(Instant.now()) : now);
    }
  }

  private static void discard(SandboxFiles files) throws InterruptedException {
    String id = files.directory().getFileName().toString();
    try {
      SandboxRecord unknown =
          Remains.identify(
              files,
              SandboxRecord.creating(
                  id,
                  new SandboxSettings(
                      Map.of(),
                      new RootFs(RootFs.Type.directory, null, false),
                      false,
                      0,
                      Instant.EPOCH,
                      null,
                      List.of())));
      Remains.kill(files, unknown);
      files.delete();
    } catch (IOException e) {
      LOG.errorf(e, "%s cannot be removed", files.directory());
    }
  }
}
