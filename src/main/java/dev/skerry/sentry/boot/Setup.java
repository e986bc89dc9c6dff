package dev.skerry.sentry.boot;

import dev.skerry.control.ContainerSpec;
import dev.skerry.sentry.fs.dev.MemoryDevices;
import dev.skerry.sentry.fs.gofer.GoferConnection;
import dev.skerry.sentry.fs.pipe.Fifos;
import dev.skerry.sentry.fs.tmpfs.TmpfsFileSystem;
import dev.skerry.sentry.fs.tty.TerminalDevices;
import dev.skerry.sentry.fs.tty.Terminals;
import dev.skerry.sentry.kernel.HostClock;
import dev.skerry.sentry.kernel.Kernel;
import dev.skerry.sentry.kernel.UtsNamespace;
import dev.skerry.sentry.socket.inet.NetworkNamespace;
import dev.skerry.sentry.vfs.DeviceTable;
import dev.skerry.sentry.vfs.VirtualFileSystem;

/** The parts of a kernel, connected with each other. */
record Setup(
    Kernel kernel, Terminals terminals, NetworkNamespace network, FileSystems fileSystems) {
  private static final int MOST_NAMES = 32_768;
  private static final long DEFAULT_MEMORY = 2L << 30;

  static Setup of(ContainerSpec spec, GoferConnection gofer, int descriptors) {
    DeviceTable devices = new DeviceTable(Fifos::open);
    MemoryDevices.register(devices);
    String host = spec.hostname().isEmpty() ? "skerry" : spec.hostname();
    UtsNamespace uts = new UtsNamespace(Names.inside(host));
    if (!spec.domainname().isEmpty()) {
      uts.setDomainName(Names.inside(spec.domainname()));
    }
    VirtualFileSystem vfs = new VirtualFileSystem(devices);
    // Every file behind a cached name takes a descriptor of the gofer's.
    vfs.setNameCacheLimit(Math.min(MOST_NAMES, descriptors / 2));
    TmpfsFileSystem.limitDescriptors(descriptors / 4);
    Kernel kernel = new Kernel(vfs, uts, new HostClock());
    kernel.setMemoryBytes(spec.memoryBytes() > 0 ? spec.memoryBytes() : DEFAULT_MEMORY);
    if (spec.cpus() > 0) {
      kernel.setProcessors(spec.cpus());
    }
    Terminals terminals = new Terminals(kernel);
    TerminalDevices.register(devices, terminals, spec.terminal() ? 0 : -1);
    NetworkNamespace network = new NetworkNamespace();
    FileSystems fileSystems = new FileSystems(kernel, terminals, gofer, spec.terminal());
    GuestFileSystems guests = new GuestFileSystems(vfs, fileSystems);
    vfs.setTypes(guests);
    vfs.setMemoryFiles(guests);
    return new Setup(kernel, terminals, network, fileSystems);
  }
}
