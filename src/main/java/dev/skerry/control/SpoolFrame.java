package dev.skerry.control;

import dev.skerry.wire.MessageReader;
import dev.skerry.wire.MessageWriter;
import dev.skerry.wire.WireException;
import java.nio.ByteBuffer;

/**
 * One entry of the spool: {@link #HEADER} bytes (data length, stream, sequence number, time), then
 * the data, all little-endian. Sequence numbers begin with 1 and have no gaps. The exit record is
 * the last.
 *
 * @param stream {@link #STDOUT}, {@link #STDERR} or {@link #EXIT}
 * @param timeNanos since the epoch
 */
public record SpoolFrame(int stream, long sequence, long timeNanos, byte[] data) {
  public static final int STDOUT = 1;
  public static final int STDERR = 2;
  public static final int EXIT = 3;

  /** Length (4), stream (1), sequence (8), time (8). */
  public static final int HEADER = 21;

  /** The most data in one frame. */
  public static final int MOST_DATA = 64 << 10;

  /**
   * The most that a spool takes, in bytes: as much again as the output, for frames of little data,
   * and a mebibyte, so that a small limit is one of output alone.
   *
   * @param outputLimit bytes of output, 0 for no limit
   */
  public static long mostBytes(long outputLimit) {
    return outputLimit == 0 ? 1L << 62 : 2 * Math.min(outputLimit, 1L << 60) + (1 << 20);
  }

  /**
   * Writes a header for {@code length} bytes of data into the target's first {@link #HEADER} bytes.
   */
  public static void putHeader(byte[] target, int length, int stream, long sequence, long time) {
    new MessageWriter(ByteBuffer.wrap(target)).i32(length).u8(stream).i64(sequence).i64(time);
  }

  /** The frame of an exit record, whole. */
  public static byte[] exit(long sequence, long timeNanos, ExitRecord exit) {
    ByteBuffer body = ByteBuffer.allocate(16384);
    ControlCodec.exit(new MessageWriter(body), exit);
    byte[] bytes = new byte[HEADER + body.position()];
    putHeader(bytes, body.position(), EXIT, sequence, timeNanos);
    body.get(0, bytes, HEADER, body.position());
    return bytes;
  }

  /** The data of an {@link #EXIT} frame. */
  public ExitRecord exitRecord() throws WireException {
    MessageReader in = new MessageReader(ByteBuffer.wrap(data));
    ExitRecord exit = ControlCodec.exit(in);
    in.end();
    return exit;
  }
}
