package dev.skerry.sentry.fs.dev;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.fs.GuestView;
import dev.skerry.sentry.fs.tmpfs.TmpfsFileSystem;
import dev.skerry.sentry.fs.tmpfs.TmpfsOptions;
import dev.skerry.sentry.fs.tty.DevptsFileSystem;
import dev.skerry.sentry.fs.tty.Terminals;
import dev.skerry.sentry.usermem.ArrayBuffer;
import dev.skerry.sentry.vfs.AttributeChange;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.VirtualFileSystem;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DeviceTest {
  private GuestView guest;
  private Terminals terminals;

  @BeforeEach
  void setUp() throws ErrnoException {
    guest =
        new GuestView(
            (kernel, all) -> {
              terminals = all;
              return new TmpfsFileSystem(TmpfsOptions.ofMode(0755), null);
            });
    DeviceTree.populate(guest.root().inode(), false);
  }

  private static ArrayBuffer buffer(int length) {
    return new ArrayBuffer(new byte[length]);
  }

  private void mountTerminals(String options) throws ErrnoException {
    VirtualFileSystem vfs = guest.kernel().vfs();
    vfs.mount(
        vfs.walk(guest.origin(), null, "/pts", 0),
        new DevptsFileSystem(terminals, options),
        "devpts",
        0);
  }

  @Test
  void nullTakesAllAndGivesNothing() throws ErrnoException {
    OpenFileDescription file = guest.open("/null", OpenFlags.O_RDWR);
    assertEquals(0, file.read(buffer(10)));
    assertEquals(10, file.write(buffer(10)));
    assertEquals(-Errno.ENODEV, file.mappableHostFd(false));
    assertEquals(0, file.seek(5, 0));
    file.drop();
  }

  @Test
  void zeroGivesZeros() throws ErrnoException {
    OpenFileDescription file = guest.open("/zero", OpenFlags.O_RDWR);
    byte[] bytes = new byte[100_000];
    Arrays.fill(bytes, (byte) 7);
    assertEquals(bytes.length, file.read(new ArrayBuffer(bytes)));
    assertArrayEquals(new byte[bytes.length], bytes);
    assertEquals(3, file.write(buffer(3)));
    assertTrue(file.mappableHostFd(false) >= 0);
    assertEquals(file.mappableHostFd(false), file.mappableHostFd(false));
    assertTrue(file.mappableHostFd(true) >= 0);
    file.drop();
  }

  @Test
  void fullIsFull() throws ErrnoException {
    OpenFileDescription file = guest.open("/full", OpenFlags.O_RDWR);
    assertEquals(10, file.read(buffer(10)));
    assertEquals(-Errno.ENOSPC, file.write(buffer(10)));
    file.drop();
  }

  @Test
  void randomBytesDiffer() throws ErrnoException {
    for (String name : List.of("/random", "/urandom")) {
      OpenFileDescription file = guest.open(name, OpenFlags.O_RDWR);
      byte[] first = new byte[100_000];
      byte[] second = new byte[first.length];
      assertEquals(first.length, file.read(new ArrayBuffer(first)));
      assertEquals(second.length, file.read(new ArrayBuffer(second)));
      assertFalse(Arrays.equals(first, second));
      file.drop();
    }
  }

  /** C36. */
  @Test
  void theTerminalsDeviceIsThereEvenWithoutATerminal() {
    assertEquals(Errno.ENXIO, guest.errno(() -> guest.open("/tty", OpenFlags.O_RDWR)));
  }

  @Test
  void everyOpenOfPtmxMakesATerminal() throws ErrnoException {
    mountTerminals("newinstance,ptmxmode=0666,mode=0620,gid=5");
    assertEquals(List.of("ptmx"), guest.list("/pts"));
    OpenFileDescription master = guest.open("/ptmx", OpenFlags.O_RDWR);
    assertEquals(List.of("0", "ptmx"), guest.list("/pts"));
    assertEquals(0020620, guest.inode("/pts/0").stat().mode());
    assertEquals(5, guest.inode("/pts/0").stat().gid());
    assertEquals(0x8800, guest.inode("/pts/0").stat().rdev());
    guest.inode("/pts/0").setAttributes(AttributeChange.ofOwner(7, 8, 0600));
    assertEquals(7, guest.inode("/pts/0").stat().uid());
    assertEquals(Errno.EIO, guest.errno(() -> guest.open("/pts/0", OpenFlags.O_RDWR)));
    master.drop();
    assertEquals(List.of("ptmx"), guest.list("/pts"));
    assertTrue(guest.isMissing("/pts/0"));
  }

  @Test
  void terminalsFileSystemKnowsItsOptionsOnly() {
    assertEquals(Errno.EINVAL, guest.errno(() -> new DevptsFileSystem(terminals, "mode=0999")));
    assertEquals(Errno.EINVAL, guest.errno(() -> new DevptsFileSystem(terminals, "size=1")));
  }

  @Test
  void theEndsOfAFifoMeet() throws ErrnoException {
    guest.kernel().vfs().mknod(guest.origin(), null, "/fifo", 0010600, 0);
    OpenFileDescription reader = guest.open("/fifo", OpenFlags.O_RDONLY | OpenFlags.O_NONBLOCK);
    OpenFileDescription writer = guest.open("/fifo", OpenFlags.O_WRONLY);
    assertEquals(4, writer.write(buffer(4)));
    assertEquals(4, reader.read(buffer(10)));
    writer.drop();
    reader.drop();
    assertEquals(
        Errno.ENXIO,
        guest.errno(() -> guest.open("/fifo", OpenFlags.O_WRONLY | OpenFlags.O_NONBLOCK)));
  }
}
