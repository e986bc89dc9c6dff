package dev.skerry.sentry.slab;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class CollectedSpaceTest {
  @Test
  void whatIsStillUsedTakesRoom() {
    CollectedSpace space = new CollectedSpace(10);
    Object kept = new Object();
    assertTrue(space.keep(kept, 10));
    assertFalse(space.keep(new Object(), 1));
    assertTrue(space.keep(kept, 0));
  }

  @Test
  void whatNobodyHasMakesRoom() throws InterruptedException {
    CollectedSpace space = new CollectedSpace(10);
    assertTrue(space.keep(new Object(), 10));
    boolean kept = false;
    for (int tries = 0; tries < 20 && !kept; tries++) {
      kept = space.keep(new Object(), 10);
      Thread.sleep(kept ? 0 : 500);
    }
    assertTrue(kept);
  }
}
