package dev.skerry.gofer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class ArgumentsTest {
  @Test
  void takesWhatTheLauncherSays() {
    Arguments arguments =
        Arguments.parse("--channels 2 --self 5 --mount 6:ro --mount 7:rw".split(" "));
    assertEquals(2, arguments.channels());
    assertEquals(5, arguments.self());
    assertEquals(List.of(new MountPoint(6, false), new MountPoint(7, true)), arguments.mounts());
  }

  /** C40, C53. */
  @Test
  void refusesMissingAndWrongArguments() {
    for (String line :
        List.of(
            "",
            "--channels 2 --self 5",
            "--channels 2 --mount 6:ro",
            "--self 5 --mount 6:ro",
            "--channels 0 --self 5 --mount 6:ro",
            "--channels 9 --self 5 --mount 6:ro",
            "--channels 2 --self 5 --mount 6",
            "--channels 2 --self 5 --mount x:rw",
            "--channels 2 --self 5 --mount",
            "--channels 2 --self 5 --mount 6:ro --what 1")) {
      assertThrows(IllegalArgumentException.class, () -> Arguments.parse(line.split(" ")), line);
    }
  }
}
