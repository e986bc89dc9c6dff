package dev.skerry.client.run;

import dev.skerry.client.api.StdioChannel;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.util.Arrays;

/** Carries standard input to the guest, up to its end. */
final class StdinPump {
  private static final int CHUNK = 32 * 1024;

  private final StdioChannel channel;
  private final boolean interactive;

  /**
   * @param interactive whether there is input at all; without, the guest sees its end at once
   */
  StdinPump(StdioChannel channel, boolean interactive) {
    this.channel = channel;
    this.interactive = interactive;
  }

  void start() {
    Thread thread = new Thread(this::pump, "stdin");
    thread.setDaemon(true);
    thread.start();
  }

  private void pump() {
    if (interactive) {
      // Not closed: closing would wait for a read that may never return.
      @SuppressWarnings("resource")
      FileInputStream input = new FileInputStream(FileDescriptor.in);
      byte[] chunk = new byte[CHUNK];
      try {
        for (int length = input.read(chunk); length >= 0; length = input.read(chunk)) {
          if (!channel.send(StdioChannel.STDIN, Arrays.copyOf(chunk, length))) {
            return;
          }
        }
      } catch (IOException e) {
        System.err.println("skerry: standard input: " + e.getMessage());
      }
    }
    channel.send(StdioChannel.CLOSE, new byte[] {StdioChannel.STDIN});
  }
}
