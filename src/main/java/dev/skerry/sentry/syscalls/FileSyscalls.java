package dev.skerry.sentry.syscalls;

/** The calls for files, all families of them, as they enter the table. */
final class FileSyscalls {
  private FileSyscalls() {}

  static void register(SyscallTable table) {
    OpenSyscalls.register(table);
    ReadWriteSyscalls.register(table);
    StatSyscalls.register(table);
    DirectorySyscalls.register(table);
    NameSyscalls.register(table);
    DescriptorSyscalls.register(table);
    FcntlSyscalls.register(table);
    LockSyscalls.register(table);
    AttributeSyscalls.register(table);
    TimestampSyscalls.register(table);
    SyncSyscalls.register(table);
    StatfsSyscalls.register(table);
    CopySyscalls.register(table);
    FileFlagSyscalls.register(table);
    XattrSyscalls.register(table);
    MountSyscalls.register(table);
    MemfdSyscalls.register(table);
  }
}
