package dev.skerry.sentry.loader;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.vfs.Origin;
import dev.skerry.sentry.vfs.VfsPath;
import dev.skerry.sentry.vfs.VirtualFileSystem;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds and checks what is to be executed. Linux: bprm_execve() of fs/exec.c. */
public final class Loader {
  /** How many scripts may be run by scripts. */
  private static final int MOST_SCRIPTS = 5;

  private final VirtualFileSystem vfs;
  private final Origin origin;

  /**
   * @param origin who executes, and where
   */
  public Loader(VirtualFileSystem vfs, Origin origin) {
    this.vfs = vfs;
    this.origin = origin;
  }

  /**
   * Prepares a program.
   *
   * @param start where a relative name begins, or null for the working directory
   * @param name as given in the call
   * @param walkFlags of {@link VirtualFileSystem#walk}
   * @param shownName the name that scripts and AT_EXECFN get; null if no script could open it again
   * @throws ErrnoException as execve(2)
   */
  public PreparedProgram prepare(
      @Nullable VfsPath start,
      String name,
      int walkFlags,
      @Nullable String shownName,
      String programName,
      ExecArguments arguments)
      throws ErrnoException {
    ExecutableFile file = ExecutableFile.open(vfs, origin, start, name, walkFlags);
    try {
      arguments.checkSize(programName);
      String scriptName = shownName;
      for (int scripts = 0; ScriptLine.isScript(file.head()); scripts++) {
        if (scripts == MOST_SCRIPTS) {
          throw ErrnoException.of(Errno.ELOOP);
        }
        ScriptLine line = ScriptLine.parse(file.head());
        if (scriptName == null) {
          throw ErrnoException.of(Errno.ENOENT);
        }
        addInterpreter(arguments, line, scriptName);
        arguments.checkSize(programName);
        scriptName = line.interpreter();
        ExecutableFile next = openInterpreter(scriptName);
        file.close();
        file = next;
      }
      return load(file, arguments, programName);
    } catch (ErrnoException e) {
      file.close();
      throw e;
    }
  }

  private ExecutableFile openInterpreter(String name) throws ErrnoException {
    return ExecutableFile.open(vfs, origin, null, name, VirtualFileSystem.FOLLOW);
  }

  /** The script's own name takes the place of the first argument, behind the interpreter's. */
  private static void addInterpreter(ExecArguments arguments, ScriptLine line, String script) {
    List<byte[]> first = new ArrayList<>(3);
    first.add(line.interpreter().getBytes(StandardCharsets.ISO_8859_1));
    if (line.argument() != null) {
      first.add(line.argument());
    }
    first.add(script.getBytes(StandardCharsets.ISO_8859_1));
    arguments.argv().removeFirst();
    arguments.argv().prepend(first);
  }

  private PreparedProgram load(ExecutableFile file, ExecArguments arguments, String name)
      throws ErrnoException {
    if (!ElfImage.isElf(file.head())) {
      throw ErrnoException.of(Errno.ENOEXEC);
    }
    ElfImage image = ElfImage.read(file, Errno.ENOEXEC);
    int hostFd = file.hostFd();
    ExecutableFile interpreter = null;
    ElfImage interpreterImage = null;
    if (image.interpreter() != null) {
      interpreter = openInterpreter(image.interpreter());
      try {
        interpreterImage = ElfImage.read(interpreter, Errno.ELIBBAD);
        interpreter.hostFd();
      } catch (ErrnoException e) {
        interpreter.close();
        throw e;
      }
    }
    return new PreparedProgram(
        file,
        hostFd,
        image,
        interpreter,
        interpreterImage,
        arguments,
        name,
        baseName(name),
        origin.credentials());
  }

  private static String baseName(String name) {
    return name.substring(name.lastIndexOf('/') + 1);
  }
}
