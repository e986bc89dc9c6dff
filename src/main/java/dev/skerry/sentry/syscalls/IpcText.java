package dev.skerry.sentry.syscalls;

import dev.skerry.sentry.auth.UserNamespace;
import dev.skerry.sentry.ipc.IpcObject;
import dev.skerry.sentry.ipc.MessageSet;
import dev.skerry.sentry.ipc.SemaphoreSet;
import dev.skerry.sentry.ipc.SharedSegment;
import dev.skerry.sentry.kernel.IpcListing;
import dev.skerry.sentry.kernel.Task;
import java.util.function.ToLongFunction;

/** The texts of /proc/sysvipc (proc(5)). */
final class IpcText implements IpcListing {
  private static final String SHM =
      "       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid"
          + "      atime      dtime      ctime                   rss                  swap\n";
  private static final String MSG =
      "       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid"
          + "      stime      rtime      ctime\n";
  private static final String SEM =
      "       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime\n";
  private static final int PAGE = 4096;

  private final ToLongFunction<SharedSegment> attachments;

  /**
   * @param attachments how often a segment is attached
   */
  IpcText(ToLongFunction<SharedSegment> attachments) {
    this.attachments = attachments;
  }

  @Override
  public String list(Task reader, Kind kind) {
    IpcNamespace namespace = IpcNamespace.of(reader);
    StringBuilder out = new StringBuilder();
    switch (kind) {
      case SHM -> {
        out.append(SHM);
        namespace.segments().all().forEach(segment -> segment(out, reader, segment));
      }
      case SEM -> {
        out.append(SEM);
        namespace.semaphores().all().forEach(set -> semaphores(out, reader, set));
      }
      case MSG -> {
        out.append(MSG);
        namespace.messages().all().forEach(queue -> messages(out, reader, queue));
      }
    }
    return out.toString();
  }

  private void segment(StringBuilder out, Task reader, SharedSegment segment) {
    head(out, segment);
    put(out, 22, segment.size());
    put(out, 6, segment.creatorPid());
    put(out, 6, segment.lastPid());
    put(out, 7, attachments.applyAsLong(segment));
    owners(out, reader, segment);
    put(out, 11, segment.attachTime());
    put(out, 11, segment.detachTime());
    put(out, 11, segment.changeTime());
    put(out, 22, (segment.size() + PAGE - 1) & -PAGE);
    put(out, 22, 0);
    out.append('\n');
  }

  private static void semaphores(StringBuilder out, Task reader, SemaphoreSet set) {
    head(out, set);
    put(out, 11, set.size());
    owners(out, reader, set);
    put(out, 11, set.operationTime());
    put(out, 11, set.changeTime());
    out.append('\n');
  }

  private static void messages(StringBuilder out, Task reader, MessageSet queue) {
    head(out, queue);
    MessageSet.State state = queue.state();
    put(out, 12, state.bytes());
    put(out, 11, state.count());
    put(out, 6, state.lastSender());
    put(out, 6, state.lastReceiver());
    owners(out, reader, queue);
    put(out, 11, state.sendTime());
    put(out, 11, state.receiveTime());
    put(out, 11, queue.changeTime());
    out.append('\n');
  }

  private static void head(StringBuilder out, IpcObject object) {
    IpcObject.Permissions permissions = object.permissions();
    put(out, 10, permissions.key());
    put(out, 11, object.id());
    put(out, 6, Integer.toOctalString(permissions.mode()));
  }

  private static void owners(StringBuilder out, Task reader, IpcObject object) {
    IpcObject.Permissions permissions = object.permissions();
    UserNamespace ids = reader.credentials().userNamespace();
    put(out, 6, Integer.toUnsignedLong(ids.shownUid(permissions.uid())));
    put(out, 6, Integer.toUnsignedLong(ids.shownGid(permissions.gid())));
    put(out, 6, Integer.toUnsignedLong(ids.shownUid(permissions.creatorUid())));
    put(out, 6, Integer.toUnsignedLong(ids.shownGid(permissions.creatorGid())));
  }

  private static void put(StringBuilder out, int width, long value) {
    put(out, width, Long.toString(value));
  }

  private static void put(StringBuilder out, int width, String value) {
    for (int i = value.length(); i < width; i++) {
      out.append(' ');
    }
    out.append(value);
  }
}
