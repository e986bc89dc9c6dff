package dev.skerry.abi;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class SignalNamesTest {
  @Test
  void everyNumberHasANameThatLeadsBack() {
    for (int signal = 1; signal <= Signal.MAX; signal++) {
      assertEquals(signal, SignalNames.number(SignalNames.name(signal)));
      assertEquals(signal, SignalNames.number(Integer.toString(signal)));
    }
    assertEquals("SIGKILL", SignalNames.name(Signal.SIGKILL));
    assertEquals("SIGSYS", SignalNames.name(Signal.SIGSYS));
  }

  @Test
  void whatIsNoSignalHasNoNumber() {
    for (String name :
        new String[] {"", "SIG", "SIG9", "0", "65", "-1", "KILLER", "RTMIN+33", "RTMIN+"}) {
      assertEquals(-1, SignalNames.number(name), name);
    }
  }
}
