package dev.skerry.sentry.loader;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.kernel.Execution;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.Tracing;
import dev.skerry.sentry.mm.MemoryManager;
import dev.skerry.sentry.platform.GuestThread;
import dev.skerry.sentry.platform.HostCall;
import dev.skerry.sentry.platform.Registers;
import dev.skerry.sentry.usermem.UserMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The way from an empty address space to a program's first instruction: host calls in the guest, as
 * many with one order as can be. From here on a failure ends the process, as on Linux. Linux:
 * load_elf_binary().
 */
final class ProgramStart {
  private static final int PROT_GROWSDOWN = 0x01000000;
  private static final int PROT_READ_WRITE = 3;
  private static final int PROT_EXEC = 4;
  private static final int PROT_ALL = 7;
  private static final int MAP_PRIVATE = 2;
  private static final int MAP_FIXED = 0x10;
  private static final int MAP_ANONYMOUS = 0x20;
  private static final int PR_SET_MM = 35;
  private static final int PR_SET_MM_MAP = 14;
  private static final int MM_MAP_SIZE = 104;
  private static final int ADDR_NO_RANDOMIZE = 0x0040000;

  /** Under which number the interpreter appears in the guest. */
  private static final int INTERPRETER_FD = GuestThread.PROGRAM_FD + 1;

  /** Two thirds of the address space: where position-independent programs go (ELF_ET_DYN_BASE). */
  private static final long DYNAMIC_BASE = 0x5555_5555_4000L;

  private static final int RANDOM_BITS = 28;
  private static final int BREAK_RANDOM_BITS = 13;
  private static final int PAGE = ElfImage.PAGE;

  /** Behind a program its break begins, somewhere. */
  private static final long BREAK_ROOM = (long) PAGE << BREAK_RANDOM_BITS;

  /** What the host has mapped of the stack at the start (setup_arg_pages of fs/exec.c), mostly. */
  private static final int STACK_THERE = 65536;

  /** What is to be zero behind the file's part of a page. */
  private record Zeros(long address, int length) {}

  private final Task task;
  private final PreparedProgram program;
  private final GuestThread thread;
  private final UserMemory memory;
  private final List<HostCall> calls = new ArrayList<>();
  private final List<Zeros> zeros = new ArrayList<>();
  private final MemoryManager mm;
  private final Credentials credentials;
  private HostVector host = HostVector.NONE;
  private boolean randomize;
  private long bias;
  private long interpreterBias;

  ProgramStart(Task task, PreparedProgram program) {
    this.task = task;
    this.program = program;
    this.thread = task.thread();
    this.memory = thread.memory();
    this.mm = task.mm().fresh();
    // Whoever shares its directories could change what a program with more rights relies on.
    boolean mayRise = Tracing.allowsRise(task) && !task.fs().isShared();
    this.credentials = program.file().credentialsFor(program.before(), mayRise);
  }

  /** The address space is there, and empty. */
  void begin() {
    host = HostVector.read(memory, thread.initialStack());
    if (task.namespaces().timeForChildren().differsFromHost()) {
      host.forget(HostVector.AT_SYSINFO_EHDR);
    }
    randomize = (task.settings().personality() & ADDR_NO_RANDOMIZE) == 0;
    ElfImage image = program.image();
    bias = image.isPositionIndependent() ? dynamicBase(image) - image.start() : 0;
    ElfImage interpreter = program.interpreterImage();
    try {
      mm.noteProgram(program.hostFd(), program.file().file());
      addImage(image, bias, -1, GuestThread.PROGRAM_FD);
      if (interpreter == null) {
        placeStack();
      } else {
        placeInterpreter(interpreter);
      }
    } catch (ErrnoException e) {
      fail();
    }
  }

  private long dynamicBase(ElfImage image) {
    long random = randomize ? LayoutRandom.next(host.random()) : 0;
    long offset = (random & ((1L << RANDOM_BITS) - 1)) * PAGE;
    return (DYNAMIC_BASE + offset) & -image.alignment();
  }

  private void addImage(ElfImage image, long at, int hostFd, int guestFd) throws ErrnoException {
    long length = image.end() - image.start();
    if (!image.isSane(UserMemory.END)
        || length > UserMemory.END - (image.start() + at)
        || !mm.mayMap(image.start() + at, length + BREAK_ROOM)) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    int passed = hostFd;
    for (ElfImage.Segment segment : image.segments()) {
      passed = addSegment(segment, at, passed, guestFd);
    }
  }

  /** Returns the descriptor that the next segment has to pass: -1 once the file is in the guest. */
  private int addSegment(ElfImage.Segment segment, long at, int hostFd, int guestFd) {
    long address = segment.address() + at;
    long inPage = address & (PAGE - 1);
    long fileEnd = address + segment.fileSize();
    long anonymousStart = address & -PAGE;
    long end = pageUp(address + segment.memorySize());
    int passed = hostFd;
    if (segment.fileSize() > 0) {
      anonymousStart = pageUp(fileEnd);
      calls.add(
          HostCall.withFile(
              passed,
              guestFd,
              Syscall.MMAP,
              address - inPage,
              segment.fileSize() + inPage,
              segment.protection(),
              MAP_PRIVATE | MAP_FIXED,
              guestFd,
              segment.offset() - inPage));
      if (segment.memorySize() > segment.fileSize() && segment.isWritable()) {
        zeros.add(new Zeros(fileEnd, (int) (anonymousStart - fileEnd)));
      }
      passed = -1;
    }
    if (end > anonymousStart) {
      addCall(
          Syscall.MMAP,
          anonymousStart,
          end - anonymousStart,
          PROT_READ_WRITE | (segment.protection() & PROT_EXEC),
          MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS,
          -1,
          0);
    }
    return passed;
  }

  private void addCall(int number, long... arguments) {
    calls.add(HostCall.of(number, arguments));
  }

  private static long pageUp(long address) {
    return (address + PAGE - 1) & -PAGE;
  }

  /** Makes the host calls that are due, and goes on with the result of the last one. */
  private void makeCalls(GuestThread.Completion then) {
    List<HostCall> next = calls.subList(0, Math.min(calls.size(), GuestThread.MOST_HOST_CALLS));
    List<HostCall> order = List.copyOf(next);
    next.clear();
    thread.hostCalls(
        order,
        result -> {
          if (result < 0 && result > -4096) {
            fail();
          } else if (calls.isEmpty()) {
            then.done(result);
          } else {
            makeCalls(then);
          }
        });
  }

  /**
   * The host chooses the place, by mapping nothing there, as it would for the interpreter itself.
   */
  private void placeInterpreter(ElfImage image) throws ErrnoException {
    if (!image.isSane(UserMemory.END)) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    if (!image.isPositionIndependent()) {
      addInterpreter(image, 0);
      placeStack();
      return;
    }
    long slack = image.alignment() - PAGE;
    long length = pageUp(image.end() - image.start()) + slack;
    addCall(Syscall.MMAP, 0, length, 0, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    makeCalls(
        result -> {
          try {
            addInterpreter(image, ((result + slack) & -image.alignment()) - image.start());
          } catch (ErrnoException e) {
            fail();
            return;
          }
          placeStack();
        });
  }

  private void addInterpreter(ElfImage image, long at) throws ErrnoException {
    interpreterBias = at;
    ExecutableFile interpreter = program.interpreter();
    if (interpreter != null) {
      mm.noteProgram(interpreter.hostFd(), interpreter.file());
      addImage(image, at, interpreter.hostFd(), INTERPRETER_FD);
    }
  }

  private void placeStack() {
    long top = thread.initialStack() & -16;
    Images where = new Images(bias, interpreterBias);
    InitialStack made = new InitialStack(top, program, credentials, host, where);
    if (program.image().wantsExecutableStack()) {
      addCall(Syscall.MPROTECT, top & -PAGE, PAGE, PROT_ALL | PROT_GROWSDOWN);
    }
    if (made.bytes().length > STACK_THERE) {
      thread.growStack(memoryMapAddress(made), result -> fillStack(made));
    } else {
      fillStack(made);
    }
  }

  /** What the host is told of the address space lies below the stack's content for a moment. */
  private static long memoryMapAddress(InitialStack made) {
    return (made.address() - MM_MAP_SIZE) & -16;
  }

  private void fillStack(InitialStack made) {
    long mapAt = memoryMapAddress(made);
    MemoryManager.Layout layout = layout(made);
    int mapLength = (int) (made.address() - mapAt);
    byte[] bytes = Arrays.copyOf(memoryMap(layout), mapLength + made.bytes().length);
    System.arraycopy(made.bytes(), 0, bytes, mapLength, made.bytes().length);
    if (memory.copyOut(mapAt, bytes, 0, bytes.length) < 0) {
      fail();
      return;
    }
    mm.setProgram(program.file().path(), layout, made.auxiliaryVector());
    addCall(Syscall.PRCTL, PR_SET_MM, PR_SET_MM_MAP, mapAt, MM_MAP_SIZE, 0);
    makeCalls(result -> finish(made));
  }

  private MemoryManager.Layout layout(InitialStack made) {
    ElfImage.Segment code = program.image().segments().getFirst();
    ElfImage.Segment data = code;
    for (ElfImage.Segment segment : program.image().segments()) {
      if ((segment.protection() & PROT_EXEC) != 0) {
        code = segment;
      }
      data = segment;
    }
    long random = randomize ? LayoutRandom.next(host.random()) : 0;
    long breakStart =
        pageUp(program.image().end() + bias) + (random & ((1L << BREAK_RANDOM_BITS) - 1)) * PAGE;
    return new MemoryManager.Layout(
        code.address() + bias,
        code.address() + code.fileSize() + bias,
        data.address() + bias,
        data.address() + data.fileSize() + bias,
        breakStart,
        made.address(),
        made.argStart(),
        made.envStart(),
        made.envStart(),
        made.envEnd());
  }

  /** struct prctl_mm_map (include/uapi/linux/prctl.h). */
  private static byte[] memoryMap(MemoryManager.Layout layout) {
    ByteBuffer out = ByteBuffer.allocate(MM_MAP_SIZE).order(ByteOrder.LITTLE_ENDIAN);
    out.putLong(layout.codeStart()).putLong(layout.codeEnd());
    out.putLong(layout.dataStart()).putLong(layout.dataEnd());
    out.putLong(layout.brkStart()).putLong(layout.brkStart());
    out.putLong(layout.stackStart());
    out.putLong(layout.argStart()).putLong(layout.argEnd());
    out.putLong(layout.envStart()).putLong(layout.envEnd());
    out.putLong(0).putInt(0).putInt(-1);
    return out.array();
  }

  private void finish(InitialStack made) {
    for (Zeros gap : zeros) {
      if (memory.copyOut(gap.address(), new byte[gap.length()], 0, gap.length()) < 0) {
        fail();
        return;
      }
    }
    Execution.finish(task, mm, program.comm(), credentials);
    long entry =
        program.interpreterImage() == null
            ? program.image().entry() + bias
            : program.interpreterImage().entry() + interpreterBias;
    Registers registers = thread.registers();
    registers.set(Registers.RIP, entry);
    registers.set(Registers.RSP, made.address());
    task.beginProgram();
  }

  private void fail() {
    Execution.fail(task);
  }
}
