package dev.skerry.service.lifecycle;

import dev.skerry.control.ExitRecord;
import dev.skerry.control.SpoolFrame;
import dev.skerry.wire.WireException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a spool says about a run that is over.
 *
 * @param exit null if the sentry had no time to write it
 * @param exitTime when it did
 * @param firstOutput when the first frame was written; null if there is none
 * @param lastSequence of the last whole frame
 * @param validLength bytes of all whole frames
 */
record SpoolEnd(
    @Nullable ExitRecord exit,
    @Nullable Instant exitTime,
    @Nullable Instant firstOutput,
    long lastSequence,
    long validLength) {

  static SpoolEnd read(Path spool) throws IOException {
    try (SpoolReader reader = new SpoolReader(spool)) {
      Instant first = null;
      ExitRecord exit = null;
      Instant exitTime = null;
      try {
        for (SpoolFrame frame = reader.next(); frame != null; frame = reader.next()) {
          Instant time = Instant.ofEpochSecond(0, frame.timeNanos());
          if (frame.stream() == SpoolFrame.EXIT) {
            exit = frame.exitRecord();
            exitTime = time;
            break;
          }
          first = first == null ? time : first;
        }
      } catch (WireException damaged) {
        exit = null;
      } catch (IOException damaged) {
        // The frames before count; what follows is cut off when the exit record is appended.
        exit = null;
      }
      return new SpoolEnd(exit, exitTime, first, reader.sequence(), reader.validLength());
    }
  }

  /** Writes the exit record that the sentry did not, behind the last whole frame. */
  void append(Path spool, ExitRecord record, Instant when) throws IOException {
    long nanos = when.getEpochSecond() * 1_000_000_000L + when.getNano();
    ByteBuffer frame = ByteBuffer.wrap(SpoolFrame.exit(lastSequence + 1, nanos, record));
    try (FileChannel channel =
        FileChannel.open(spool, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.truncate(validLength);
      long position = validLength;
      while (frame.hasRemaining()) {
        position += channel.write(frame, position);
      }
      channel.force(false);
    }
  }
}
