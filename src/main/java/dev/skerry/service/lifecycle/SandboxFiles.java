package dev.skerry.service.lifecycle;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.skerry.control.SpoolFrame;
import dev.skerry.service.config.DataDirectory;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The state directory of one sandbox. */
final class SandboxFiles {
  private static final String RECORD = "sandbox.json";
  private static final int LOG_TAIL = 8192;
  private static final int LOG_LINES = 5;

  /** Bytes; a sentry that a guest has taken over could fill the disk with it. */
  private static final long MOST_LOG = 256L << 20;

  /** Bytes: one frame of output beyond the bound, and the exit record. */
  private static final long LAST_FRAMES = 1L << 20;

  /** What is of no use after the end. */
  private static final List<String> TEMPORARY =
      List.of(
          "control.sock",
          "sentry.argv",
          "gofer.argv",
          "pids",
          "pids.new",
          RECORD + ".new",
          "mnt/sentry",
          "mnt/gofer",
          "mnt");

  private final Path directory;
  private final ObjectMapper mapper;

  SandboxFiles(Path directory, ObjectMapper mapper) {
    this.directory = directory;
    this.mapper = mapper;
  }

  Path directory() {
    return directory;
  }

  Path spool() {
    return directory.resolve("spool");
  }

  Path memoryEvents() {
    return directory.resolve("memory.events");
  }

  void make() throws IOException {
    DataDirectory.makePrivate(directory);
  }

  /**
   * Puts a record in the place of the last, whole or not at all.
   *
   * @param forGood whether it has to outlive the machine, and not the service alone: the disk is
   *     waited for then
   */
  void save(SandboxRecord record, boolean forGood) throws IOException {
    Path fresh = directory.resolve(RECORD + ".new");
    try (FileChannel channel =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer bytes = ByteBuffer.wrap(mapper.writeValueAsBytes(record));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      if (forGood) {
        channel.force(false);
      }
    }
    Files.move(
        fresh,
        directory.resolve(RECORD),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  SandboxRecord load() throws IOException {
    return mapper.readValue(directory.resolve(RECORD).toFile(), SandboxRecord.class);
  }

  /** Writes a command line as the launcher reads it: each argument ends with a NUL. */
  void saveArguments(String name, List<String> arguments) throws IOException {
    Path file = directory.resolve(name);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, String.join("\0", arguments) + "\0");
  }

  /** The numbers that the launcher has written down, by name; none if it has not come that far. */
  Map<String, Integer> pids() throws IOException {
    Map<String, Integer> pids = new HashMap<>();
    try {
      for (String line : Files.readAllLines(directory.resolve("pids"))) {
        int equals = line.indexOf('=');
        if (equals > 0 && line.substring(equals + 1).matches("[0-9]{1,9}")) {
          pids.put(line.substring(0, equals), Integer.valueOf(line.substring(equals + 1)));
        }
      }
    } catch (NoSuchFileException none) {
      return Map.of();
    }
    return pids;
  }

  /** Whether the log takes more of the disk than any correct sentry's. */
  boolean isLogOvergrown() {
    return directory.resolve("log").toFile().length() > MOST_LOG;
  }

  /**
   * Whether the spool takes more of the disk than a correct sentry's of this limit.
   *
   * @param outputLimit 0 for none
   */
  boolean isSpoolOvergrown(long outputLimit) {
    return spool().toFile().length() > SpoolFrame.mostBytes(outputLimit) + LAST_FRAMES;
  }

  /** The last lines of the log but for stack frames, on one line; empty if there are none. */
  String logTail() {
    try (RandomAccessFile log = new RandomAccessFile(directory.resolve("log").toFile(), "r")) {
      long from = Math.max(0, log.length() - LOG_TAIL);
      byte[] bytes = new byte[(int) (log.length() - from)];
      log.seek(from);
      log.readFully(bytes);
      String text = new String(bytes, StandardCharsets.UTF_8).strip();
      List<String> lines =
          text.lines().map(String::strip).filter(line -> !line.startsWith("at ")).toList();
      List<String> last = lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size());
      return String.join("; ", last).replaceAll("\\p{Cntrl}", " ");
    } catch (IOException none) {
      return "";
    }
  }

  /** Removes what an ended sandbox does not need: all but record, spool and log. */
  void removeTemporary() throws IOException {
    for (String name : TEMPORARY) {
      Files.deleteIfExists(directory.resolve(name));
    }
  }

  /** Removes the directory. Symbolic links in it are removed, not followed. */
  void delete() throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    List<Path> found;
    try (Stream<Path> walk = Files.walk(directory)) {
      found = new ArrayList<>(walk.toList());
    }
    for (Path path : found.reversed()) {
      Files.deleteIfExists(path);
    }
  }
}
