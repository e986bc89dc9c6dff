package dev.skerry.gofer;

import dev.skerry.goferproto.Limits;
import dev.skerry.goferproto.RequestException;
import dev.skerry.hostos.ClassPath;
import dev.skerry.hostos.Host;
import org.jspecify.annotations.Nullable;

/** The gofer process. It ends with 0 when the last channel was closed. */
public final class Main {
  /** CAP_CHOWN, DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER, FSETID, SYS_CHROOT (capabilities(7)). */
  private static final long CAPABILITIES = 1 | 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 18;

  private static final String ROOT = "/rootfs";

  private Main() {}

  public static void main(String[] args) {
    Arguments arguments;
    try {
      arguments = Arguments.parse(args);
    } catch (IllegalArgumentException e) {
      System.err.println("gofer: wrong arguments: ".concat(String.valueOf(e.getMessage())));
      System.exit(2);
      return;
    }
    String problem = confine(arguments);
    if (problem != null) {
      System.err.println("gofer: cannot ".concat(problem));
      System.exit(1);
    }
    serve(arguments);
  }

  /** Gives up all that serving does not need; null, or what could not be done. */
  private static @Nullable String confine(Arguments arguments) {
    ClassPath.open();
    Host.os().setUmask(0);
    try {
      int mode = HostFiles.attributes(arguments.mounts().getFirst().fd()).mode();
      if ((mode & Handle.S_IFMT) == Handle.S_IFDIR && Host.os().chroot(ROOT) < 0) {
        return "enter the container's root";
      }
    } catch (RequestException e) {
      return "see the container's root";
    }
    if (Host.os().setCapabilities(CAPABILITIES) < 0) {
      return "keep the six file capabilities";
    }
    return Host.os().confine("gofer") < 0 ? "install the system call policy" : null;
  }

  private static void serve(Arguments arguments) {
    HandleTable handles = new HandleTable();
    Thread[] threads = new Thread[arguments.channels()];
    for (int i = 0; i < threads.length; i++) {
      // The last of several shows the sentry that the gofer lives, and carries no requests.
      boolean lifeline = i > 0 && i == threads.length - 1;
      FileServer server = new FileServer(arguments.mounts(), handles, arguments.self());
      int room = lifeline ? 1 : Limits.MESSAGE;
      Channel channel = new Channel(Arguments.FIRST_CHANNEL + i, server, room);
      threads[i] = new Thread(channel, "channel-".concat(Integer.toString(i)));
      threads[i].start();
    }
    for (Thread thread : threads) {
      joinFully(thread);
    }
  }

  @SuppressWarnings("RedundantControlFlow")
  private static void joinFully(Thread thread) {
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        continue;
      }
    }
  }
}
