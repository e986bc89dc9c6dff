package dev.skerry.service.ws;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skerry.control.SpoolFrame;
import dev.skerry.service.api.SandboxView;
import io.vertx.core.buffer.Buffer;

/**
 * {@code v5.channel.k8s.io}: a byte for the channel, the data; the end is channel 3 with a
 * metav1.Status (k8s.io/apimachinery, staging/src/k8s.io/client-go/tools/remotecommand).
 */
final class KubernetesProtocol extends StdioProtocol {
  static final String NAME = "v5.channel.k8s.io";

  private static final int STATUS = 3;

  /** A shell's exit status for a program that a signal ended. */
  private static final int SIGNALED = 128;

  KubernetesProtocol(ObjectMapper mapper) {
    super(mapper, "Height", "Width");
  }

  @Override
  Buffer output(SpoolFrame frame) {
    return message(frame.stream(), frame.data());
  }

  @Override
  Buffer end(SandboxView sandbox, long sequence) throws JsonProcessingException {
    return message(STATUS, mapper.writeValueAsBytes(status(sandbox)));
  }

  private static Buffer message(int channel, byte[] data) {
    return Buffer.buffer(1 + data.length).appendByte((byte) channel).appendBytes(data);
  }

  private ObjectNode status(SandboxView sandbox) {
    ObjectNode status = mapper.createObjectNode();
    status.putObject("metadata");
    SandboxView.Exit exit = sandbox.exit();
    String verdict = exit == null ? "unknown" : exit.verdict();
    Integer code = exit == null ? null : exit.exitCode();
    if (exit != null && verdict.equals("signaled") && exit.signal() != null) {
      code = SIGNALED + exit.signalNumber();
    }
    if (verdict.equals("exited") && Integer.valueOf(0).equals(code)) {
      return status.put("status", "Success");
    }
    status.put("status", "Failure");
    if (code != null && (verdict.equals("exited") || verdict.equals("signaled"))) {
      status.put("reason", "NonZeroExitCode");
      status.put("message", "command terminated with non-zero exit code: " + code);
      status
          .putObject("details")
          .putArray("causes")
          .addObject()
          .put("reason", "ExitCode")
          .put("message", code.toString());
      return status;
    }
    String reason = exit == null || exit.reason() == null ? "" : ": " + exit.reason();
    status.put("reason", "InternalError").put("message", verdict + reason).put("code", 500);
    return status;
  }
}
