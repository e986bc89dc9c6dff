package dev.skerry.service.ws;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.skerry.control.SpoolFrame;
import dev.skerry.service.api.SandboxView;
import io.vertx.core.buffer.Buffer;

/**
 * {@code v1.skerry}: a byte for the stream, the sequence number in eight bytes (big-endian), the
 * data; the end is stream 3 with the sandbox's resource.
 */
final class SkerryProtocol extends StdioProtocol {
  static final String NAME = "v1.skerry";

  private static final int HEADER = 9;

  SkerryProtocol(ObjectMapper mapper) {
    super(mapper, "Height", "Width");
  }

  @Override
  Buffer output(SpoolFrame frame) {
    return message(frame.stream(), frame.sequence(), frame.data());
  }

  @Override
  Buffer end(SandboxView sandbox, long sequence) throws JsonProcessingException {
    return message(SpoolFrame.EXIT, sequence, mapper.writeValueAsBytes(sandbox));
  }

  private static Buffer message(int stream, long sequence, byte[] data) {
    return Buffer.buffer(HEADER + data.length)
        .appendByte((byte) stream)
        .appendLong(sequence)
        .appendBytes(data);
  }
}
