package dev.skerry.e2e;

import static java.lang.constant.ConstantDescs.CD_String;
import static java.lang.constant.ConstantDescs.CD_void;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeModel;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The parts of a sandbox, as they were built, but for methods of the sentry that do something else.
 */
final class FaultyHome {
  private static final Path BUILT = Path.of(System.getProperty("skerry.home"));

  private final Path directory;

  /**
   * @param directory is made
   */
  FaultyHome(Path directory) throws IOException {
    this.directory = directory;
    Files.createDirectory(directory);
    for (String part : new String[] {"skerry-sentry.jar", "skerry-gofer.jar", "native"}) {
      copy(BUILT.resolve(part));
    }
    // The sentry's own user reads them.
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private void copy(Path part) throws IOException {
    try (Stream<Path> files = Files.walk(part)) {
      for (Path file : files.toList()) {
        Files.copy(file, directory.resolve(BUILT.relativize(file).toString()));
      }
    }
  }

  Path directory() {
    return directory;
  }

  /** A method throws an exception or error of this class, which has a constructor for a message. */
  FaultyHome throwing(String className, String method, Class<? extends Throwable> what)
      throws IOException {
    ClassDesc thrown = ClassDesc.of(what.getName());
    return replace(
        className,
        method,
        code ->
            code.new_(thrown)
                .dup()
                .ldc("injected into " + method)
                .invokespecial(thrown, "<init>", MethodTypeDesc.of(CD_void, CD_String))
                .athrow());
  }

  /** A method never returns. */
  FaultyHome endless(String className, String method) throws IOException {
    ClassDesc lockSupport = ClassDesc.of(LockSupport.class.getName());
    return replace(
        className,
        method,
        code -> {
          Label again = code.newBoundLabel();
          code.invokestatic(lockSupport, "park", MethodTypeDesc.of(CD_void)).goto_(again);
        });
  }

  private FaultyHome replace(String className, String method, Consumer<CodeBuilder> body)
      throws IOException {
    ClassTransform change =
        ClassTransform.transformingMethods(
            model -> model.methodName().equalsString(method),
            (builder, element) -> {
              if (element instanceof CodeModel) {
                builder.withCode(body);
              } else {
                builder.with(element);
              }
            });
    try (FileSystem jar = FileSystems.newFileSystem(directory.resolve("skerry-sentry.jar"))) {
      Path file = jar.getPath(className.replace('.', '/') + ".class");
      ClassFile classes = ClassFile.of();
      byte[] changed = classes.transformClass(classes.parse(Files.readAllBytes(file)), change);
      Files.write(file, changed);
    }
    return this;
  }
}
