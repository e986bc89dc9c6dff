package dev.skerry.control;

import dev.skerry.wire.MessageReader;
import dev.skerry.wire.WireException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs one program in a sandbox that the launcher has started, by hand: {@code RunSandbox STATE-DIR
 * [--tty] [--overlay] [--ro] [--uid N] [--bind DESTINATION]... [--wall MILLISECONDS] [--output
 * BYTES] [--tasks N] [--report] PROGRAM [ARGUMENT]...}. Input and output are its own.
 */
public final class RunSandbox {
  private static boolean counting;

  private static final long ALL_CAPABILITIES = (1L << 41) - 1;

  private RunSandbox() {}

  /** Ends with the program's status, or 125. */
  public static void main(String[] arguments) throws Exception {
    Path state = Path.of(arguments[0]);
    boolean terminal = false;
    boolean overlay = false;
    boolean readOnly = false;
    boolean report = false;
    long wall = 0;
    long output = 0;
    int tasks = 0;
    int uid = 0;
    List<ContainerSpec.MountSpec> mounts = new ArrayList<>();
    int next = 1;
    for (; next < arguments.length && arguments[next].startsWith("--"); next++) {
      switch (arguments[next]) {
        case "--tty" -> terminal = true;
        case "--overlay" -> overlay = true;
        case "--report" -> report = true;
        case "--count" -> counting = true;
        case "--ro" -> readOnly = true;
        case "--wall" -> wall = System.currentTimeMillis() + Long.parseLong(arguments[++next]);
        case "--output" -> output = Long.parseLong(arguments[++next]);
        case "--tasks" -> tasks = Integer.parseInt(arguments[++next]);
        case "--bind" -> mounts.add(bind(arguments[++next], mounts.size() + 1));
        case "--uid" -> uid = Integer.parseInt(arguments[++next]);
        default -> throw new IllegalArgumentException(arguments[next]);
      }
    }
    List<String> program = List.of(arguments).subList(next, arguments.length);
    try (ControlClient client = new ControlClient(state.resolve("control.sock"))) {
      check(
          client.ask(
              new Request.Create(
                  spec(program, uid, terminal, readOnly, overlay, wall, output, tasks, mounts))));
      check(client.ask(new Request.Start()));
      Thread input = new Thread(() -> sendInput(client));
      input.setDaemon(true);
      input.start();
      System.exit(follow(state.resolve("spool"), client, report));
    }
  }

  private static void check(Reply reply) {
    if (reply instanceof Reply.Failed failed) {
      System.err.println("refused: " + failed);
      System.exit(125);
    }
  }

  private static void sendInput(ControlClient client) {
    try {
      byte[] chunk = new byte[16384];
      int length;
      while ((length = System.in.read(chunk)) > 0) {
        client.send(new Request.Input(java.util.Arrays.copyOf(chunk, length)));
      }
      client.send(new Request.EndInput());
    } catch (IOException e) {
      // The sandbox has ended.
      return;
    }
  }

  private static int follow(Path spool, ControlClient client, boolean report) throws Exception {
    try (var channel = Files.newByteChannel(spool)) {
      ByteBuffer head = ByteBuffer.allocate(SpoolFrame.HEADER).order(ByteOrder.LITTLE_ENDIAN);
      while (true) {
        head.clear();
        fill(channel, head);
        int length = head.getInt(0);
        int stream = head.get(4);
        ByteBuffer data = ByteBuffer.allocate(length);
        fill(channel, data);
        if (stream == SpoolFrame.EXIT) {
          return ended(data, report);
        }
        (stream == SpoolFrame.STDOUT ? System.out : System.err).write(data.array(), 0, length);
        System.out.flush();
        if (counting
            && new String(data.array(), 0, length, StandardCharsets.UTF_8).contains("quiet")) {
          client.ask(new Request.Count(true));
          Thread.sleep(500);
          System.err.println(client.ask(new Request.Count(true)));
        }
        if (report) {
          report = false;
          System.err.println(client.ask(new Request.Query()));
        }
      }
    }
  }

  private static int ended(ByteBuffer data, boolean report) throws WireException {
    ExitRecord exit = ControlCodec.exit(new MessageReader(data.rewind()));
    if (report || exit.verdict() != Verdict.EXITED) {
      System.err.println(exit);
    }
    return exit.signal() != 0 ? 128 + exit.signal() : exit.exitCode() < 0 ? 125 : exit.exitCode();
  }

  private static void fill(java.nio.channels.ReadableByteChannel from, ByteBuffer target)
      throws Exception {
    while (target.hasRemaining()) {
      if (from.read(target) < 0) {
        Thread.sleep(2);
      }
    }
  }

  /** What the launcher's bind of that number shows, at the same place, writable. */
  private static ContainerSpec.MountSpec bind(String destination, int number) {
    List<String> options = List.of("rbind", "rw");
    return new ContainerSpec.MountSpec(
        destination, "bind", destination, options, number, "/mounts/" + (number - 1));
  }

  private static ContainerSpec spec(
      List<String> program,
      int uid,
      boolean terminal,
      boolean readOnly,
      boolean overlay,
      long wall,
      long output,
      int tasks,
      List<ContainerSpec.MountSpec> mounts) {
    long caps = uid == 0 ? ALL_CAPABILITIES : 0;
    List<String> env = new ArrayList<>();
    env.add("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    env.add("TERM=xterm");
    return new ContainerSpec(
        "test",
        program,
        env,
        "/",
        uid,
        uid,
        022,
        List.of(),
        new ContainerSpec.Capabilities(ALL_CAPABILITIES, caps, 0, caps, 0),
        false,
        List.of(),
        0,
        "sandbox",
        "",
        terminal,
        24,
        80,
        readOnly,
        overlay,
        mounts,
        List.of(),
        List.of(),
        wall,
        output,
        0,
        tasks,
        0);
  }
}
