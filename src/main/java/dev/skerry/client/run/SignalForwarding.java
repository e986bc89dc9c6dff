package dev.skerry.client.run;

import dev.skerry.client.api.ClientException;
import dev.skerry.client.api.ServiceClient;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Hands signals on to the guest. Java has no public interface for signals; {@code sun.misc.Signal},
 * from the supported module jdk.unsupported, is reached by reflection because the compiler warns of
 * its name.
 */
final class SignalForwarding {
  /** How long a guest may go on without the terminal it was started from. */
  private static final Duration AFTER_HANGUP = Duration.ofSeconds(5);

  private SignalForwarding() {}

  /**
   * The first SIGINT or SIGTERM is the guest's to act on, which as the first process of its sandbox
   * ignores what it has no handler for; the second ends it, and so does a SIGHUP after a while.
   */
  static void start(ServiceClient service, String id) {
    AtomicBoolean told = new AtomicBoolean();
    on("INT", () -> kill(service, id, told.getAndSet(true) ? "SIGKILL" : "SIGINT"));
    on("TERM", () -> kill(service, id, told.getAndSet(true) ? "SIGKILL" : "SIGTERM"));
    on("HUP", () -> hangUp(service, id));
  }

  private static void hangUp(ServiceClient service, String id) {
    kill(service, id, "SIGHUP");
    try {
      Thread.sleep(AFTER_HANGUP);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    kill(service, id, "SIGKILL");
  }

  static void onResize(Runnable action) {
    on("WINCH", action);
  }

  private static void kill(ServiceClient service, String id, String signal) {
    try {
      service.kill(id, signal);
    } catch (ClientException e) {
      System.err.println("skerry: cannot forward " + signal + ": " + e.getMessage());
    }
  }

  private static void on(String name, Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
      Object handler =
          Proxy.newProxyInstance(
              SignalForwarding.class.getClassLoader(),
              new Class<?>[] {handlerType},
              (proxy, method, arguments) -> {
                if (method.getName().equals("handle")) {
                  action.run();
                }
                return null;
              });
      Method handle = signal.getMethod("handle", signal, handlerType);
      handle.invoke(null, signal.getConstructor(String.class).newInstance(name), handler);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("signals cannot be handled in this JVM", e);
    }
  }
}
