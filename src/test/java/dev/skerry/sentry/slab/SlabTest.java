package dev.skerry.sentry.slab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SlabTest {
  @Test
  void whatIsGivenUpIsThereAgain() {
    int before = Slab.SOCKET.count();
    long bytes = Slab.bytes();
    assertTrue(Slab.SOCKET.take(3));
    Slab.SOCKET.charge(2);
    assertEquals(before + 5, Slab.SOCKET.count());
    assertTrue(Slab.bytes() > bytes);
    Slab.SOCKET.give(5);
    assertEquals(before, Slab.SOCKET.count());
    assertEquals(bytes, Slab.bytes());
  }

  /** All kinds share the bound, and what is refused is not counted. */
  @Test
  void oneKindFillsItForAll() {
    int taken = 0;
    while (Slab.EPOLL_ITEM.take(1000)) {
      taken += 1000;
    }
    Slab.EPOLL_ITEM.charge(1000);
    int sockets = Slab.SOCKET.count();
    assertTrue(Slab.isFull());
    assertFalse(Slab.SOCKET.take(1));
    assertEquals(sockets, Slab.SOCKET.count());
    Slab.EPOLL_ITEM.give(taken + 1000);
    assertFalse(Slab.isFull());
    assertTrue(Slab.SOCKET.take(1));
    Slab.SOCKET.give(1);
  }

  @Test
  void whatHasNoSizeIsOnlyCounted() {
    long bytes = Slab.bytes();
    assertTrue(Slab.TMPFS_INODE.take(7));
    assertEquals(bytes, Slab.bytes());
    Slab.TMPFS_INODE.give(7);
  }
}
