package dev.skerry.sentry.loader;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.kernel.Execution;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.mm.MemoryManager;
import dev.skerry.sentry.platform.GuestThread;
import dev.skerry.sentry.platform.Registers;
import dev.skerry.sentry.usermem.UserMemory;
import dev.skerry.sentry.vfs.OpenFileDescription;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The way from an empty address space to a program's first instruction: one host call after the other
 * in the guest. From here on a failure ends the process, as on Linux. Linux: load_elf_binary().
 */
final class ProgramStart {
  private static final int PROT_GROWSDOWN = 0x01000000;
  private static final int PROT_ALL = 7;
  private static final int MAP_PRIVATE = 2;
  private static final int MAP_FIXED = 0x10;
  private static final int MAP_ANONYMOUS = 0x20;
  private static final int PR_SET_MM = 35;
  private static final int PR_SET_MM_MAP = 14;
  private static final int MM_MAP_SIZE = 104;
  private static final int ADDR_NO_RANDOMIZE = 0x0040000;

  /** Under which numbers the files appear in the guest. */
  private static final int PROGRAM_FD = 3;

  private static final int INTERPRETER_FD = 4;

  /** Two thirds of the address space: where position-independent programs go (ELF_ET_DYN_BASE). */
  private static final long DYNAMIC_BASE = 0x5555_5555_4000L;

  private static final int RANDOM_BITS = 28;
  private static final int BREAK_RANDOM_BITS = 13;
  private static final int PAGE = ElfImage.PAGE;

  /** Behind a program its break begins, somewhere. */
  private static final long BREAK_ROOM = (long) PAGE << BREAK_RANDOM_BITS;

  /** What the host has mapped of the stack at the start (setup_arg_pages of fs/exec.c), mostly. */
  private static final int STACK_THERE = 65536;

  /** A host call, and the zeros that are then due behind the file's part of a page. */
  private record Step(
      int hostFd, int guestFd, int number, long[] arguments, long zeroAt, int zeroLength) {}

  private final Task task;
  private final PreparedProgram program;
  private final GuestThread thread;
  private final UserMemory memory;
  private final ArrayDeque<Step> steps = new ArrayDeque<>();
  private final MemoryManager mm;
  private final Credentials credentials;
  private HostVector host = HostVector.NONE;
  private boolean randomize;
  private boolean interpreterDue;
  private long bias;
  private long interpreterBias;
  private @Nullable InitialStack stack;

  ProgramStart(Task task, PreparedProgram program) {
    this.task = task;
    this.program = program;
    this.thread = task.thread();
    this.memory = thread.memory();
    this.mm = task.mm().fresh();
    this.credentials = program.file().credentialsFor(program.before());
  }

  /** The address space is there, and empty. */
  void begin() {
    host = HostVector.read(memory, thread.initialStack());
    randomize = (task.settings().personality() & ADDR_NO_RANDOMIZE) == 0;
    ElfImage image = program.image();
    bias = image.isPositionIndependent() ? dynamicBase(image) - image.start() : 0;
    interpreterDue = program.interpreterImage() != null;
    try {
      addImage(image, bias, program.file().hostFd(), PROGRAM_FD);
    } catch (ErrnoException e) {
      fail();
      return;
    }
    proceed();
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
    mm.noteMapped(hostFd, guestFd == PROGRAM_FD ? program.file().file() : interpreterFile());
    int passed = hostFd;
    for (ElfImage.Segment segment : image.segments()) {
      passed = addSegment(segment, at, passed, guestFd);
    }
  }

  private OpenFileDescription interpreterFile() {
    ExecutableFile interpreter = program.interpreter();
    if (interpreter == null) {
      throw new IllegalStateException("no interpreter");
    }
    return interpreter.file();
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
      boolean zeros = segment.memorySize() > segment.fileSize() && segment.isWritable();
      long[] arguments = {
        address - inPage,
        segment.fileSize() + inPage,
        segment.protection(),
        MAP_PRIVATE | MAP_FIXED,
        guestFd,
        segment.offset() - inPage
      };
      steps.add(
          new Step(
              passed,
              guestFd,
              Syscall.MMAP,
              arguments,
              fileEnd,
              zeros ? (int) (anonymousStart - fileEnd) : 0));
      passed = -1;
    }
    if (end > anonymousStart) {
      addCall(
          Syscall.MMAP,
          anonymousStart,
          end - anonymousStart,
          segment.protection(),
          MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS,
          -1,
          0);
    }
    return passed;
  }

  private void addCall(int number, long... arguments) {
    steps.add(new Step(-1, -1, number, arguments, 0, 0));
  }

  private static long pageUp(long address) {
    return (address + PAGE - 1) & -PAGE;
  }

  /** Makes the next host call, or goes on to the next stage. */
  private void proceed() {
    Step step = steps.poll();
    if (step == null) {
      nextStage();
      return;
    }
    GuestThread.Completion done = result -> stepDone(step, result);
    if (step.hostFd() >= 0) {
      thread.hostCallWithFile(
          step.hostFd(), step.guestFd(), step.number(), step.arguments(), done);
    } else {
      thread.hostCall(step.number(), step.arguments(), done);
    }
  }

  private void stepDone(Step step, long result) {
    if (result < 0 && result > -4096) {
      fail();
      return;
    }
    if (step.zeroLength() > 0) {
      byte[] zeros = new byte[step.zeroLength()];
      if (memory.copyOut(step.zeroAt(), zeros, 0, zeros.length) < 0) {
        fail();
        return;
      }
    }
    proceed();
  }

  private void nextStage() {
    if (interpreterDue) {
      interpreterDue = false;
      placeInterpreter();
    } else if (stack == null) {
      placeStack();
    } else {
      finish(stack);
    }
  }

  /** The host chooses the place, by mapping nothing there, as it would for the interpreter itself. */
  private void placeInterpreter() {
    ElfImage image = interpreterImage();
    if (!image.isSane(UserMemory.END)) {
      fail();
      return;
    }
    if (!image.isPositionIndependent()) {
      mapInterpreter(0);
      return;
    }
    long slack = image.alignment() - PAGE;
    long[] arguments = {
      0, pageUp(image.end() - image.start()) + slack, 0, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0
    };
    thread.hostCall(
        Syscall.MMAP,
        arguments,
        result -> {
          if (result < 0 && result > -4096) {
            fail();
          } else {
            mapInterpreter(((result + slack) & -image.alignment()) - image.start());
          }
        });
  }

  private ElfImage interpreterImage() {
    ElfImage image = program.interpreterImage();
    if (image == null) {
      throw new IllegalStateException("no interpreter");
    }
    return image;
  }

  private void mapInterpreter(long at) {
    interpreterBias = at;
    ExecutableFile interpreter = program.interpreter();
    try {
      if (interpreter != null) {
        addImage(interpreterImage(), at, interpreter.hostFd(), INTERPRETER_FD);
      }
    } catch (ErrnoException e) {
      fail();
      return;
    }
    proceed();
  }

  private void placeStack() {
    long top = thread.initialStack() & -16;
    Images where = new Images(bias, interpreterBias);
    InitialStack made = new InitialStack(top, program, credentials, host, where);
    stack = made;
    if (program.image().wantsExecutableStack()) {
      addCall(Syscall.MPROTECT, top & -PAGE, PAGE, PROT_ALL | PROT_GROWSDOWN);
    }
    if (made.bytes().length > STACK_THERE) {
      thread.growStack(made.address(), result -> fillStack(made));
    } else {
      fillStack(made);
    }
  }

  private void fillStack(InitialStack made) {
    long mapAt = (made.address() - MM_MAP_SIZE) & -16;
    MemoryManager.Layout layout = layout(made);
    if (memory.copyOut(made.address(), made.bytes(), 0, made.bytes().length) < 0
        || memory.copyOut(mapAt, memoryMap(layout), 0, MM_MAP_SIZE) < 0) {
      fail();
      return;
    }
    mm.setProgram(program.file().path(), layout, made.auxiliaryVector());
    addCall(Syscall.PRCTL, PR_SET_MM, PR_SET_MM_MAP, mapAt, MM_MAP_SIZE, 0);
    proceed();
  }

  private MemoryManager.Layout layout(InitialStack made) {
    ElfImage.Segment code = program.image().segments().getFirst();
    ElfImage.Segment data = code;
    for (ElfImage.Segment segment : program.image().segments()) {
      if ((segment.protection() & 4) != 0) {
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
    Execution.finish(task, mm, program.comm(), credentials);
    long entry =
        program.interpreterImage() == null
            ? program.image().entry() + bias
            : program.interpreterImage().entry() + interpreterBias;
    Registers registers = thread.registers();
    registers.set(Registers.RIP, entry);
    registers.set(Registers.RSP, made.address());
    task.resume();
  }

  private void fail() {
    steps.clear();
    Execution.fail(task);
  }
}
