package dev.skerry.service.ws;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.skerry.control.SpoolFrame;
import dev.skerry.service.api.SandboxView;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;

/** How streams, sizes and the end are put into messages. */
abstract sealed class StdioProtocol permits KubernetesProtocol, SkerryProtocol {
  static final int STDIN = 0;
  static final int RESIZE = 4;
  static final int CLOSE = 255;

  private static final int MOST_TERMINAL_SIZE = 65535;

  final ObjectMapper mapper;
  private final String heightName;
  private final String widthName;

  StdioProtocol(ObjectMapper mapper, String heightName, String widthName) {
    this.mapper = mapper;
    this.heightName = heightName;
    this.widthName = widthName;
  }

  abstract Buffer output(SpoolFrame frame);

  /**
   * The message about the end.
   *
   * @param sequence of the exit record in the spool
   */
  abstract Buffer end(SandboxView sandbox, long sequence) throws JsonProcessingException;

  /** Both protocols agree on what clients send, but for the names in a resize. */
  ClientMessage decode(Buffer message) throws ProtocolException {
    if (message.length() == 0) {
      throw new ProtocolException("an empty message");
    }
    int channel = message.getUnsignedByte(0);
    return switch (channel) {
      case STDIN -> new ClientMessage.Input(message.getBytes(1, message.length()));
      case RESIZE -> resize(message.getBytes(1, message.length()));
      case CLOSE -> {
        if (message.length() != 2 || message.getUnsignedByte(1) != STDIN) {
          throw new ProtocolException("only channel 0 can be closed");
        }
        yield new ClientMessage.EndOfInput();
      }
      default -> throw new ProtocolException("nothing can be sent on channel " + channel);
    };
  }

  private ClientMessage resize(byte[] json) throws ProtocolException {
    try {
      JsonNode size = mapper.readTree(json);
      return new ClientMessage.Resize(side(size, heightName), side(size, widthName));
    } catch (IOException e) {
      throw new ProtocolException("a resize that is no JSON");
    }
  }

  private static int side(JsonNode size, String name) throws ProtocolException {
    JsonNode side = size.get(name);
    if (side == null
        || !side.isIntegralNumber()
        || !side.canConvertToInt()
        || side.intValue() < 1
        || side.intValue() > MOST_TERMINAL_SIZE) {
      throw new ProtocolException("a resize whose " + name + " is not from 1 to 65535");
    }
    return side.intValue();
  }
}
