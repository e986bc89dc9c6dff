package dev.skerry.sentry.kernel;

import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.mm.MemoryManager;

/**
 * What a task is made of and may share with others.
 *
 * @param comm the short name, at most 15 bytes
 */
public record TaskParts(
    FdTable files,
    FsContext fs,
    NsProxy namespaces,
    MemoryManager mm,
    Credentials credentials,
    String comm) {

  /** Gives back what the parts share with others: there will be no task. */
  void leave() {
    files.leave();
    fs.leave();
    namespaces.leave();
    credentials.userNamespace().release();
  }
}
