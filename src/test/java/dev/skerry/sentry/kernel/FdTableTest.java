package dev.skerry.sentry.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.Stat;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class FdTableTest {
  private static final int LIMIT = 40;
  private static final int STEPS = 20_000;

  /** Counts its references by being released at the right time only. */
  private static final class CountedFile extends OpenFileDescription {
    private boolean released;

    CountedFile() {
      super(0);
    }

    @Override
    protected void release() {
      assertEquals(false, released);
      released = true;
    }

    @Override
    public String displayName() {
      return "counted";
    }

    @Override
    public Stat stat() {
      return new Stat(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }
  }

  /** The trivial model: which file is where, and whether it closes on exec. */
  private static final class Model {
    final Map<Integer, CountedFile> files = new TreeMap<>();
    final Map<Integer, Boolean> closeOnExec = new TreeMap<>();

    int lowestFrom(int fd) {
      while (files.containsKey(fd)) {
        fd++;
      }
      return fd;
    }

    void put(int fd, CountedFile file, boolean flag) {
      files.put(fd, file);
      closeOnExec.put(fd, flag);
    }
  }

  private final FdTable table = new FdTable(LIMIT);
  private final Model model = new Model();

  @Test
  void behavesAsTheModel() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < STEPS; i++) {
      try {
        step(random);
        check();
      } catch (AssertionError e) {
        throw new AssertionError("seed " + seed + ", step " + i, e);
      }
    }
  }

  private void step(Random random) {
    int fd = random.nextInt(-2, LIMIT + 2);
    boolean flag = random.nextBoolean();
    CountedFile file = new CountedFile();
    switch (random.nextInt(6)) {
      case 0, 1 -> {
        int free = model.lowestFrom(Math.max(fd, 0));
        long result = table.install(file, flag, fd);
        if (fd < 0 || fd >= LIMIT) {
          assertEquals(-Errno.EINVAL, result);
        } else if (free >= LIMIT) {
          assertEquals(-Errno.EMFILE, result);
        } else {
          assertEquals(free, result);
          model.put(free, file, flag);
        }
        assertEquals(result < 0, file.released);
      }
      case 2 -> {
        CountedFile old = model.files.get(fd);
        long result = table.installAt(fd, file, flag);
        boolean possible = fd >= 0 && fd < LIMIT;
        assertEquals(possible ? fd : -Errno.EBADF, result);
        assertEquals(!possible, file.released);
        if (possible) {
          assertEquals(true, old == null || old.released);
          model.put(fd, file, flag);
        }
      }
      case 3 -> {
        CountedFile old = model.files.remove(fd);
        assertEquals(old == null ? -Errno.EBADF : 0, table.close(fd));
        assertEquals(true, old == null || old.released);
      }
      case 4 -> {
        long expected = model.files.containsKey(fd) ? 0 : -Errno.EBADF;
        assertEquals(expected, table.setFlags(fd, flag ? FdTable.FD_CLOEXEC : 0));
        model.closeOnExec.put(fd, flag);
      }
      default -> fork(random);
    }
  }

  /** A child gets the same files, keeps them alive, and loses some of them in an execve. */
  private void fork(Random random) {
    if (random.nextInt(20) != 0) {
      return;
    }
    FdTable child = table.fork();
    child.closeOnExec();
    for (int fd = 0; fd < LIMIT; fd++) {
      CountedFile file = model.files.get(fd);
      boolean kept = file != null && !model.closeOnExec.getOrDefault(fd, false);
      OpenFileDescription found = child.acquire(fd);
      assertSame(kept ? file : null, found);
      if (found != null) {
        found.drop();
      }
    }
    child.leave();
  }

  private void check() {
    int[] expected = model.files.keySet().stream().mapToInt(Integer::intValue).toArray();
    assertEquals(Arrays.toString(expected), Arrays.toString(table.descriptors()));
    for (int fd : expected) {
      assertEquals(false, model.files.get(fd).released);
      assertEquals(model.closeOnExec.get(fd) ? FdTable.FD_CLOEXEC : 0, table.getFlags(fd));
    }
  }

  @Test
  void theLastUserClosesAll() {
    CountedFile file = new CountedFile();
    table.install(file, false, 0);
    table.share();
    table.leave();
    assertEquals(false, file.released);
    table.leave();
    assertEquals(true, file.released);
    assertNull(table.acquire(0));
    CountedFile late = new CountedFile();
    assertEquals(-Errno.EMFILE, table.install(late, false, 0));
    assertEquals(true, late.released);
  }
}
