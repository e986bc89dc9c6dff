package dev.skerry.arch;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Who may see whom. No violation is frozen. */
class DependencyTest {
  private static JavaClasses classes;

  @BeforeAll
  static void load() {
    classes =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.skerry");
  }

  @Test
  void abiDependsOnNothing() {
    only("dev.skerry.abi..");
  }

  @Test
  void theSpecSeesAbiOnly() {
    only("dev.skerry.oci..", "dev.skerry.abi..");
  }

  @Test
  void theWireSeesAbiOnly() {
    only("dev.skerry.wire..", "dev.skerry.abi..");
  }

  private static void only(String whose, String... allowed) {
    check(
        noClasses()
            .that()
            .resideInAPackage(whose)
            .should()
            .dependOnClassesThat(
                resideInAPackage("dev.skerry..")
                    .and(not(resideInAPackage(whose)))
                    .and(not(resideInAnyPackage(allowed)))));
  }

  @Test
  void theServiceIsSeenByNoneBelowIt() {
    check(
        noClasses()
            .that()
            .resideInAnyPackage(
                "dev.skerry.abi..",
                "dev.skerry.oci..",
                "dev.skerry.sentry..",
                "dev.skerry.gofer..",
                "dev.skerry.goferproto..",
                "dev.skerry.wire..",
                "dev.skerry.control..",
                "dev.skerry.hostos..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                "io.quarkus..",
                "jakarta..",
                "io.vertx..",
                "com.fasterxml..",
                "dev.skerry.service..",
                "dev.skerry.client.."));
  }

  @Test
  void theServiceReachesSandboxesThroughControlOnly() {
    check(
        noClasses()
            .that()
            .resideInAPackage("dev.skerry.service..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                "dev.skerry.sentry..", "dev.skerry.gofer..", "dev.skerry.goferproto.."));
  }

  @Test
  void sentryAndGoferNeverSeeEachOther() {
    check(
        noClasses()
            .that()
            .resideInAPackage("dev.skerry.sentry..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.skerry.gofer.."));
    check(
        noClasses()
            .that()
            .resideInAPackage("dev.skerry.gofer..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.skerry.sentry.."));
  }

  @Test
  void nativeMethodsAreInHostosOnly() {
    check(
        methods()
            .that()
            .haveModifier(JavaModifier.NATIVE)
            .should()
            .beDeclaredInClassesThat()
            .resideInAPackage("dev.skerry.hostos.."));
  }

  @Test
  void directBuffersAreWhereTheyBelong() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages(
                "dev.skerry.hostos..",
                "dev.skerry.wire..",
                "dev.skerry.gofer..",
                "dev.skerry.sentry.usermem..",
                "dev.skerry.sentry.mm..",
                "dev.skerry.sentry.platform..")
            .should()
            .callMethod(java.nio.ByteBuffer.class, "allocateDirect", int.class));
  }

  @Test
  void foreignMemoryIsNotUsed() {
    check(noClasses().should().dependOnClassesThat().resideInAPackage("java.lang.foreign.."));
  }

  @Test
  void systemCallsAreTheTopOfTheSentry() {
    check(
        noClasses()
            .that()
            .resideInAPackage("dev.skerry.sentry..")
            .and()
            .resideOutsideOfPackages("dev.skerry.sentry.syscalls..", "dev.skerry.sentry.boot..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.skerry.sentry.syscalls..", "dev.skerry.sentry.boot.."));
  }

  @Test
  void theVirtualFileSystemSeesNoFileSystem() {
    check(
        noClasses()
            .that()
            .resideInAPackage("dev.skerry.sentry.vfs..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                "dev.skerry.sentry.fs..",
                "dev.skerry.sentry.socket..",
                "dev.skerry.sentry.kernel.."));
  }

  /** What they share is the virtual file system's. */
  @TestFactory
  Stream<DynamicTest> fileSystemsDoNotSeeEachOther() {
    return classes.stream()
        .map(JavaClass::getPackageName)
        .filter(name -> name.matches("dev\\.skerry\\.sentry\\.fs\\.\\w+"))
        .distinct()
        .sorted()
        .map(name -> DynamicTest.dynamicTest(name, () -> seesNoOther(name)));
  }

  private static void seesNoOther(String fileSystem) {
    check(
        noClasses()
            .that()
            .resideInAPackage(fileSystem + "..")
            .should()
            .dependOnClassesThat(
                resideInAPackage("dev.skerry.sentry.fs..")
                    .and(not(resideInAPackage(fileSystem + "..")))));
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("dev.skerry.(**)").should().beFreeOfCycles().check(classes);
  }

  @Test
  void noClassIsCalledAfterNothing() {
    check(
        noClasses()
            .that()
            .doNotHaveSimpleName("MemoryManager")
            .should()
            .haveSimpleNameEndingWith("Util")
            .orShould()
            .haveSimpleNameEndingWith("Utils")
            .orShould()
            .haveSimpleNameEndingWith("Helper")
            .orShould()
            .haveSimpleNameEndingWith("Manager"));
  }

  /** A package that is still empty breaks no rule. */
  private static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(classes);
  }
}
