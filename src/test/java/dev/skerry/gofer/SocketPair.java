package dev.skerry.gofer;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The two ends of a SOCK_SEQPACKET connection, as the launcher makes them. */
public record SocketPair(int sentry, int gofer) {
  private static final int AF_UNIX = 1;
  private static final int SOCK_SEQPACKET = 5;

  public static SocketPair make() {
    Linker linker = Linker.nativeLinker();
    MethodHandle socketpair =
        linker.downcallHandle(
            linker.defaultLookup().find("socketpair").orElseThrow(),
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pair = arena.allocate(JAVA_INT, 2);
      if ((int) socketpair.invokeExact(AF_UNIX, SOCK_SEQPACKET, 0, pair) != 0) {
        throw new IllegalStateException("socketpair");
      }
      return new SocketPair(pair.getAtIndex(JAVA_INT, 0), pair.getAtIndex(JAVA_INT, 1));
    } catch (RuntimeException e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
