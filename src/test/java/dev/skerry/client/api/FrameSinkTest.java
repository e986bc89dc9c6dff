package dev.skerry.client.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class FrameSinkTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final FrameSink sink = new FrameSink(out, err);

  private static ByteBuffer frame(int stream, long sequence, String data) {
    byte[] bytes = data.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(9 + bytes.length)
        .put((byte) stream)
        .putLong(sequence)
        .put(bytes)
        .flip();
  }

  @Test
  void framesGoToTheirStreams() {
    assertTrue(sink.accept(frame(1, 1, "a"), true));
    assertTrue(sink.accept(frame(2, 2, "b"), true));
    assertTrue(sink.accept(frame(77, 3, "of a later version"), true));
    assertTrue(sink.accept(frame(1, 4, "c"), true));
    assertEquals("ac", out.toString(StandardCharsets.UTF_8));
    assertEquals("b", err.toString(StandardCharsets.UTF_8));
    assertEquals(4, sink.lastSequence());
    assertNull(sink.resource());
    assertTrue(sink.accept(frame(3, 5, "{\"id\":\"x\"}"), true));
    assertNotNull(sink.resource());
  }

  @Test
  void halfAFrameOfALostConnectionIsNeitherWrittenNorCounted() {
    assertTrue(sink.accept(frame(1, 1, "a"), true));
    ByteBuffer second = frame(1, 2, "bcd");
    assertTrue(sink.accept(second.slice(0, 10), false));
    sink.restart();
    assertEquals(1, sink.lastSequence());
    assertTrue(sink.accept(second.slice(0, 4), false));
    assertTrue(sink.accept(second.slice(4, 8), true));
    assertEquals("abcd", out.toString(StandardCharsets.UTF_8));
    assertEquals(2, sink.lastSequence());
  }

  @Test
  void malformedFramesEndIt() {
    assertFalse(sink.accept(ByteBuffer.allocate(8), true));
    assertThrows(ClientException.class, sink::check);
    FrameSink other = new FrameSink(out, err);
    assertFalse(other.accept(frame(3, 1, "not JSON"), true));
    assertThrows(ClientException.class, other::check);
  }

  @Test
  void aFrameCannotGrowWithoutEnd() {
    int parts = 0;
    while (sink.accept(ByteBuffer.allocate(1 << 20), false)) {
      parts++;
    }
    assertEquals(16, parts);
    assertThrows(ClientException.class, sink::check);
  }

  @Test
  void outputThatCannotBeWrittenIsAnError() {
    OutputStream broken =
        new OutputStream() {
          @Override
          public void write(int value) throws IOException {
            throw new IOException("broken pipe");
          }
        };
    FrameSink sink = new FrameSink(broken, err);
    assertFalse(sink.accept(frame(1, 1, "a"), true));
    assertEquals(0, sink.lastSequence());
    assertThrows(ClientException.class, sink::check);
  }
}
