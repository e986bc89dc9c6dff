package dev.skerry.sentry.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TimeoutsTest {
  private static final long MILLISECOND = 1_000_000;
  private static final long LONG = 3600 * 1000 * MILLISECOND;

  private final Timeouts timeouts = new Timeouts(new RunQueue());

  @BeforeEach
  void start() {
    timeouts.start();
  }

  @Test
  void everyDeadlineThatIsNotCalledOffComesOnceAndInOrder() throws InterruptedException {
    for (long seed = 0; seed < 5; seed++) {
      Random random = new Random(seed);
      List<Long> came = new ArrayList<>();
      Set<Long> wanted = new HashSet<>();
      List<Timeouts.Handle> off = new ArrayList<>();
      // Nothing is due before all are there.
      long start = System.nanoTime() + 500 * MILLISECOND;
      for (int i = 0; i < 200; i++) {
        long deadline = start + random.nextInt(5_000_000);
        boolean calledOff = random.nextBoolean() || !wanted.add(deadline);
        Timeouts.Handle handle = timeouts.schedule(deadline, () -> came.add(deadline));
        if (calledOff) {
          off.add(handle);
        }
        if (random.nextInt(4) == 0 && !off.isEmpty()) {
          off.remove(random.nextInt(off.size())).cancel();
        }
      }
      off.forEach(Timeouts.Handle::cancel);
      assertEquals(wanted.size(), timeouts.size(), "seed " + seed);
      CountDownLatch last = new CountDownLatch(1);
      timeouts.schedule(start + 6 * MILLISECOND, last::countDown);
      assertTrue(last.await(10, TimeUnit.SECONDS), "seed " + seed);
      assertEquals(wanted.stream().sorted().toList(), came, "seed " + seed);
      assertEquals(0, timeouts.size());
    }
  }

  @Test
  void anEarlierDeadlineWakesTheThreadThatSleepsForALaterOne() throws InterruptedException {
    timeouts.schedule(System.nanoTime() + LONG, () -> {});
    for (int i = 0; i < 100; i++) {
      CountDownLatch came = new CountDownLatch(1);
      long deadline = System.nanoTime() + MILLISECOND / 10;
      timeouts.schedule(deadline, came::countDown);
      assertTrue(came.await(10, TimeUnit.SECONDS));
      assertTrue(System.nanoTime() - deadline >= 0);
    }
  }

  @Test
  void oneThatIsCalledOffMakesTheNextNotLate() throws InterruptedException {
    Timeouts.Handle first = timeouts.schedule(System.nanoTime() + MILLISECOND, () -> {});
    CountDownLatch came = new CountDownLatch(1);
    timeouts.schedule(System.nanoTime() + 5 * MILLISECOND, came::countDown);
    first.cancel();
    first.cancel();
    assertTrue(came.await(10, TimeUnit.SECONDS));
    assertEquals(0, timeouts.size());
  }
}
