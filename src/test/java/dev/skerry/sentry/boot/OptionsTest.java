package dev.skerry.sentry.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class OptionsTest {
  private static Options parse(String... arguments) {
    return Options.parse(arguments);
  }

  @Test
  void defaults() {
    Options options = parse();
    assertEquals(0, options.channels());
    assertFalse(options.strace());
    assertFalse(options.watchdogEnds());
    assertEquals(30, options.watchdogSeconds());
  }

  @Test
  void all() {
    Options options =
        parse(
            "--channels", "3", "--workers", "4", "--strace", "--watchdog", "5", "--watchdog-ends");
    assertEquals(3, options.channels());
    assertEquals(4, options.workers());
    assertTrue(options.strace());
    assertTrue(options.watchdogEnds());
    assertEquals(5, options.watchdogSeconds());
  }

  @Test
  void wrong() {
    assertThrows(IllegalArgumentException.class, () -> parse("--unknown"));
    assertThrows(IllegalArgumentException.class, () -> parse("--channels"));
    assertThrows(IllegalArgumentException.class, () -> parse("--channels", "x"));
  }
}
