package dev.skerry.control;

import dev.skerry.wire.MessageReader;
import dev.skerry.wire.MessageWriter;
import dev.skerry.wire.WireException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Requests and replies as bytes: a 32-bit little-endian length, which does not count itself, a byte
 * for the kind, the fields in the order of the records.
 */
public final class ControlCodec {
  /** The longest message, without its length. */
  public static final int MOST_BYTES = 4 << 20;

  /** The longest piece of standard input in one request. */
  public static final int MOST_INPUT = 64 << 10;

  private static final int MOST_STRINGS = 65536;
  private static final int MOST_STRING = 131072;
  private static final int MOST_ROWS = 4096;

  private ControlCodec() {}

  public static byte[] encode(Request request) {
    ByteBuffer buffer = ByteBuffer.allocate(sizeHint(request));
    MessageWriter out = new MessageWriter(buffer);
    out.i32(0);
    if (request instanceof Request.Create create) {
      spec(out.u8(1), create.spec());
    } else if (request instanceof Request.Start) {
      out.u8(2);
    } else if (request instanceof Request.Signal signal) {
      out.u8(3).i32(signal.pid()).i32(signal.signal()).bool(signal.all());
    } else if (request instanceof Request.End end) {
      out.u8(4).u8(end.verdict().ordinal()).string(end.reason());
    } else if (request instanceof Request.Input input) {
      out.u8(5).bytes(input.data());
    } else if (request instanceof Request.EndInput) {
      out.u8(6);
    } else if (request instanceof Request.Resize resize) {
      out.u8(7).i32(resize.rows()).i32(resize.columns());
    } else if (request instanceof Request.Count count) {
      out.u8(9).bool(count.collect());
    } else {
      out.u8(8);
    }
    return frame(buffer);
  }

  private static int sizeHint(Request request) {
    if (request instanceof Request.Create) {
      return MOST_BYTES + Integer.BYTES;
    }
    return request instanceof Request.Input input ? input.data().length + 64 : 16384;
  }

  private static byte[] frame(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.position()];
    buffer.putInt(0, bytes.length - Integer.BYTES);
    buffer.get(0, bytes);
    return bytes;
  }

  /**
   * @param buffer one message without its length
   */
  public static Request decodeRequest(ByteBuffer buffer) throws WireException {
    MessageReader in = new MessageReader(buffer);
    int kind = in.u8();
    Request request =
        switch (kind) {
          case 1 -> new Request.Create(spec(in));
          case 2 -> new Request.Start();
          case 3 -> new Request.Signal(in.i32(), in.i32(), in.bool());
          case 4 -> new Request.End(verdict(in), in.string(MOST_ROWS));
          case 5 -> new Request.Input(in.bytes(MOST_INPUT));
          case 6 -> new Request.EndInput();
          case 7 -> new Request.Resize(in.i32(), in.i32());
          case 8 -> new Request.Query();
          case 9 -> new Request.Count(in.bool());
          default -> throw new WireException("no request of kind " + kind);
        };
    in.end();
    return request;
  }

  public static byte[] encode(Reply reply) {
    ByteBuffer buffer = ByteBuffer.allocate(sizeHint(reply));
    MessageWriter out = new MessageWriter(buffer);
    out.i32(0);
    if (reply instanceof Reply.Done) {
      out.u8(1);
    } else if (reply instanceof Reply.Failed failed) {
      out.u8(2).u8(failed.kind().ordinal()).string(failed.pointer()).string(failed.message());
    } else if (reply instanceof Reply.Credit credit) {
      out.u8(3).i32(credit.bytes());
    } else if (reply instanceof Reply.Ended ended) {
      report(exit(out.u8(4), ended.exit()), ended.report());
    } else if (reply instanceof Reply.Report report) {
      report(out.u8(5), report);
    } else if (reply instanceof Reply.Created created) {
      warnings(out.u8(6), created.warnings());
    } else if (reply instanceof Reply.Objects objects) {
      objects(out.u8(7), objects);
    }
    return frame(buffer);
  }

  private static int sizeHint(Reply reply) {
    if (reply instanceof Reply.Done || reply instanceof Reply.Credit) {
      return 64;
    }
    int size = 32768;
    if (reply instanceof Reply.Created created) {
      size = 64;
      for (Reply.Warning row : created.warnings()) {
        size += room(row.pointer()) + room(row.detail());
      }
    }
    Reply.Report report =
        reply instanceof Reply.Ended ended
            ? ended.report()
            : reply instanceof Reply.Report asked ? asked : null;
    if (reply instanceof Reply.Ended ended) {
      size += room(ended.exit().reason());
    }
    if (report != null) {
      size += report.syscalls().size() * 128;
      for (Reply.Gap row : report.gaps()) {
        size += room(row.call()) + room(row.detail()) + room(row.program()) + Long.BYTES;
      }
    }
    return Math.min(size, MOST_BYTES);
  }

  /** What a string takes at most. */
  private static int room(String text) {
    return Integer.BYTES + 3 * text.length();
  }

  private static void warnings(MessageWriter out, List<Reply.Warning> warnings) {
    out.i32(warnings.size());
    warnings.forEach(row -> out.string(row.pointer()).string(row.detail()));
  }

  private static List<Reply.Warning> warnings(MessageReader in) throws WireException {
    List<Reply.Warning> warnings = new ArrayList<>();
    for (int left = in.count(MOST_ROWS, 8); left > 0; left--) {
      warnings.add(new Reply.Warning(in.string(MOST_ROWS), in.string(16384)));
    }
    return warnings;
  }

  private static void objects(MessageWriter out, Reply.Objects objects) {
    out.i32(objects.counts().size());
    objects.counts().forEach(row -> out.string(row.name()).i64(row.count()));
  }

  private static Reply.Objects objects(MessageReader in) throws WireException {
    List<Reply.ObjectCount> counts = new ArrayList<>();
    for (int left = in.count(MOST_ROWS, 12); left > 0; left--) {
      counts.add(new Reply.ObjectCount(in.string(64), in.i64()));
    }
    return new Reply.Objects(counts);
  }

  private static void report(MessageWriter out, Reply.Report report) {
    out.bool(report.started()).i32(report.tasks()).i32(report.syscalls().size());
    report.syscalls().forEach(row -> out.string(row.name()).i64(row.count()).i64(row.failed()));
    out.i32(report.gaps().size());
    for (Reply.Gap gap : report.gaps()) {
      out.string(gap.call()).string(gap.detail()).i64(gap.count()).string(gap.program());
    }
  }

  /**
   * @param buffer one message without its length
   */
  public static Reply decodeReply(ByteBuffer buffer) throws WireException {
    MessageReader in = new MessageReader(buffer);
    int kind = in.u8();
    Reply reply =
        switch (kind) {
          case 1 -> new Reply.Done();
          case 2 -> new Reply.Failed(failure(in), in.string(MOST_ROWS), in.string(16384));
          case 3 -> new Reply.Credit(in.i32());
          case 4 -> new Reply.Ended(exit(in), report(in));
          case 5 -> report(in);
          case 6 -> new Reply.Created(warnings(in));
          case 7 -> objects(in);
          default -> throw new WireException("no reply of kind " + kind);
        };
    in.end();
    return reply;
  }

  private static Reply.Failed.Kind failure(MessageReader in) throws WireException {
    return pick(Reply.Failed.Kind.values(), in.u8());
  }

  private static Verdict verdict(MessageReader in) throws WireException {
    return pick(Verdict.values(), in.u8());
  }

  private static <T> T pick(T[] values, int index) throws WireException {
    if (index >= values.length) {
      throw new WireException("no value " + index);
    }
    return values[index];
  }

  private static Reply.Report report(MessageReader in) throws WireException {
    boolean started = in.bool();
    int tasks = in.i32();
    List<Reply.SyscallCount> syscalls = new ArrayList<>();
    for (int left = in.count(MOST_ROWS, 20); left > 0; left--) {
      syscalls.add(new Reply.SyscallCount(in.string(64), in.i64(), in.i64()));
    }
    List<Reply.Gap> gaps = new ArrayList<>();
    for (int left = in.count(MOST_ROWS, 20); left > 0; left--) {
      gaps.add(new Reply.Gap(in.string(64), in.string(256), in.i64(), in.string(64)));
    }
    return new Reply.Report(started, tasks, syscalls, gaps);
  }

  static MessageWriter exit(MessageWriter out, ExitRecord exit) {
    return out.u8(exit.verdict().ordinal())
        .i32(exit.exitCode())
        .i32(exit.signal())
        .string(exit.reason())
        .bool(exit.killedByHost())
        .i64(exit.cpuNanos())
        .i64(exit.wallNanos());
  }

  static ExitRecord exit(MessageReader in) throws WireException {
    return new ExitRecord(
        verdict(in), in.i32(), in.i32(), in.string(MOST_ROWS), in.bool(), in.i64(), in.i64());
  }

  private static void spec(MessageWriter out, ContainerSpec spec) {
    out.string(spec.id()).strings(spec.args()).strings(spec.env()).string(spec.cwd());
    out.i32(spec.uid()).i32(spec.gid()).i32(spec.umask()).i32(spec.additionalGids().size());
    spec.additionalGids().forEach(out::i32);
    ContainerSpec.Capabilities caps = spec.capabilities();
    out.i64(caps.bounding()).i64(caps.effective()).i64(caps.inheritable());
    out.i64(caps.permitted()).i64(caps.ambient()).bool(spec.noNewPrivileges());
    out.i32(spec.rlimits().size());
    spec.rlimits().forEach(row -> out.i32(row.resource()).i64(row.soft()).i64(row.hard()));
    out.i32(spec.oomScoreAdj()).string(spec.hostname()).string(spec.domainname());
    out.bool(spec.terminal()).i32(spec.rows()).i32(spec.columns());
    out.bool(spec.rootReadOnly()).bool(spec.overlay()).i32(spec.mounts().size());
    for (ContainerSpec.MountSpec mount : spec.mounts()) {
      out.string(mount.destination()).string(mount.type()).string(mount.source());
      out.strings(mount.options()).i32(mount.goferMount()).string(mount.pointer());
    }
    out.strings(spec.maskedPaths()).strings(spec.readonlyPaths());
    out.i64(spec.wallDeadlineMillis()).i64(spec.outputLimit()).i64(spec.memoryBytes());
    out.i32(spec.tasksMax()).i32(spec.cpus());
  }

  private static ContainerSpec spec(MessageReader in) throws WireException {
    return new ContainerSpec(
        in.string(256),
        strings(in),
        strings(in),
        in.string(MOST_ROWS),
        in.i32(),
        in.i32(),
        in.i32(),
        ids(in),
        new ContainerSpec.Capabilities(in.i64(), in.i64(), in.i64(), in.i64(), in.i64()),
        in.bool(),
        rlimits(in),
        in.i32(),
        in.string(256),
        in.string(256),
        in.bool(),
        in.i32(),
        in.i32(),
        in.bool(),
        in.bool(),
        mounts(in),
        strings(in),
        strings(in),
        in.i64(),
        in.i64(),
        in.i64(),
        in.i32(),
        in.i32());
  }

  private static List<String> strings(MessageReader in) throws WireException {
    return in.strings(MOST_STRINGS, MOST_STRING);
  }

  private static List<Integer> ids(MessageReader in) throws WireException {
    List<Integer> ids = new ArrayList<>();
    for (int left = in.count(MOST_STRINGS, 4); left > 0; left--) {
      ids.add(in.i32());
    }
    return ids;
  }

  private static List<ContainerSpec.Rlimit> rlimits(MessageReader in) throws WireException {
    List<ContainerSpec.Rlimit> limits = new ArrayList<>();
    for (int left = in.count(64, 20); left > 0; left--) {
      limits.add(new ContainerSpec.Rlimit(in.i32(), in.i64(), in.i64()));
    }
    return limits;
  }

  private static List<ContainerSpec.MountSpec> mounts(MessageReader in) throws WireException {
    List<ContainerSpec.MountSpec> mounts = new ArrayList<>();
    for (int left = in.count(MOST_ROWS, 20); left > 0; left--) {
      mounts.add(
          new ContainerSpec.MountSpec(
              in.string(MOST_ROWS),
              in.string(64),
              in.string(MOST_ROWS),
              strings(in),
              in.i32(),
              in.string(256)));
    }
    return mounts;
  }
}
