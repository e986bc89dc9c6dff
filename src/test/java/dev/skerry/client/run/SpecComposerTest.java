package dev.skerry.client.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skerry.client.api.ClientException;
import dev.skerry.client.api.TerminalSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class SpecComposerTest {
  private static RunOptions parse(String... arguments) {
    RunOptions options = new RunOptions();
    new CommandLine(options).setStopAtPositional(true).parseArgs(arguments);
    return options;
  }

  private static JsonNode compose(String... arguments) {
    return new SpecComposer(parse(arguments)).compose(null);
  }

  @Test
  void aPlainCommandRunsAsRootOnTheMachinesOwnRoot() {
    JsonNode body = compose("/bin/ls", "-l", "--", "x");
    assertEquals("[\"/bin/ls\",\"-l\",\"--\",\"x\"]", body.at("/spec/process/args").toString());
    assertEquals("host", body.at("/rootfs/type").asText());
    assertEquals("/", body.at("/spec/process/cwd").asText());
    assertEquals(0, body.at("/spec/process/user/uid").asInt());
    assertEquals(1, body.at("/spec/process/env").size());
    assertFalse(body.has("wallTimeoutSeconds"));
    assertFalse(body.at("/spec").has("linux"));
  }

  @Test
  void optionsEndAtTheCommandOrAtTwoDashes() {
    assertEquals(List.of("sh", "-t"), parse("-i", "--", "sh", "-t").command);
    assertEquals(List.of("sh", "-t"), parse("-i", "sh", "-t").command);
  }

  @Test
  void limitsAndLabelsAreHandedOn() {
    JsonNode body =
        compose(
            "--memory",
            "67108864",
            "--pids",
            "7",
            "--timeout",
            "3",
            "--label",
            "a=b=c",
            "--read-only",
            "--env",
            "PATH=/x",
            "--",
            "true");
    assertEquals(67108864, body.at("/spec/linux/resources/memory/limit").asLong());
    assertEquals(7, body.at("/spec/linux/resources/pids/limit").asInt());
    assertEquals(3, body.at("/wallTimeoutSeconds").asInt());
    assertEquals("b=c", body.at("/labels/a").asText());
    assertEquals("[\"PATH=/x\"]", body.at("/spec/process/env").toString());
    assertEquals(true, body.at("/spec/root/readonly").asBoolean());
  }

  @Test
  void aTerminalHasItsSizeAndAType() {
    JsonNode body = new SpecComposer(parse("-t", "sh")).compose(new TerminalSize(24, 80));
    assertEquals(true, body.at("/spec/process/terminal").asBoolean());
    assertEquals(80, body.at("/terminalSize/columns").asInt());
    assertEquals(2, body.at("/spec/process/env").size());
  }

  @Test
  void aUserIsLookedUpInTheRootFileSystem(@TempDir Path root) throws IOException {
    Files.createDirectories(root.resolve("etc"));
    Files.writeString(
        root.resolve("etc/passwd"), "root:x:0:0::/:\nmary:x:1005:1006:,,,:/home/mary:/bin/sh\n");
    String rootfs = root.toString();
    JsonNode body = compose("--rootfs", rootfs, "--user", "mary", "id");
    assertEquals("{\"uid\":1005,\"gid\":1006}", body.at("/spec/process/user").toString());
    assertFalse(body.at("/spec/process/capabilities").has("effective"));
    assertEquals(rootfs, body.at("/rootfs/path").asText());
    assertEquals(7, compose("--user", "5:7", "id").at("/spec/process/user/gid").asInt());
    assertThrows(ClientException.class, () -> compose("--rootfs", rootfs, "--user", "eve", "id"));
    assertThrows(ClientException.class, () -> compose("--user", "5:x", "id"));
    assertThrows(ClientException.class, () -> compose("--user", "4294967295", "id"));
  }
}
