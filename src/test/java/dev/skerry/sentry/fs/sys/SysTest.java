package dev.skerry.sentry.fs.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.fs.GuestView;
import dev.skerry.sentry.vfs.VirtualFileSystem;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SysTest {
  private GuestView guest;

  @BeforeEach
  void setUp() throws ErrnoException {
    guest = new GuestView((kernel, terminals) -> new SysFileSystem(kernel));
  }

  @Test
  void processorsAreTheSandboxs() throws ErrnoException {
    guest.kernel().setProcessors(1);
    assertEquals("0\n", guest.read("/devices/system/cpu/online"));
    assertEquals("0\n", guest.read("/devices/system/cpu/cpu0/topology/core_id"));
    assertEquals("1\n", guest.read("/devices/system/cpu/cpu0/topology/core_siblings"));
  }

  @Test
  void theLoopbackInterfaceIsFoundThroughItsClass() throws ErrnoException {
    assertEquals(List.of("lo"), guest.list("/class/net"));
    assertEquals("65536\n", guest.read("/class/net/lo/mtu"));
    assertEquals(4096, guest.inode("/devices/virtual/net/lo/mtu").stat().size());
  }

  @Test
  void nothingCanBeMadeHere() {
    assertEquals(
        Errno.EPERM,
        guest.errno(() -> guest.kernel().vfs().mkdir(guest.origin(), null, "/class/x", 0755)));
  }

  @Test
  void theControlGroupTellsTheLimits() throws ErrnoException {
    guest.kernel().setMemoryBytes(100 << 20);
    guest.kernel().setProcessors(2);
    guest.kernel().tasks().setMost(50);
    VirtualFileSystem vfs = guest.kernel().vfs();
    vfs.mount(
        vfs.walk(guest.origin(), null, "/fs/cgroup", 0),
        new CgroupFileSystem(guest.kernel()),
        "cgroup",
        0);
    assertEquals("104857600\n", guest.read("/fs/cgroup/memory.max"));
    assertEquals("200000 100000\n", guest.read("/fs/cgroup/cpu.max"));
    assertEquals("50\n", guest.read("/fs/cgroup/pids.max"));
    assertEquals("1\n", guest.read("/fs/cgroup/pids.current"));
    assertEquals("1\n", guest.read("/fs/cgroup/cgroup.procs"));
    assertTrue(Long.parseLong(guest.read("/fs/cgroup/memory.current").trim()) > 0);
  }
}
