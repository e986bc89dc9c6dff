package dev.skerry.client.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.skerry.client.api.ServiceClient;
import org.junit.jupiter.api.Test;

class ExitStatusTest {
  private static ExitStatus of(String exit) throws JsonProcessingException {
    return ExitStatus.of(ServiceClient.JSON.readTree("{\"exit\":" + exit + "}"));
  }

  @Test
  void aProgramsOwnStatusIsPassedOn() throws JsonProcessingException {
    ExitStatus status = of("{\"verdict\":\"exited\",\"exitCode\":137}");
    assertEquals(137, status.status());
    assertNull(status.message());
  }

  @Test
  void aSignalCountsFrom128() throws JsonProcessingException {
    assertEquals(
        new ExitStatus(143, null), of("{\"verdict\":\"signaled\",\"signal\":\"SIGTERM\"}"));
  }

  @Test
  void endsThatAreNotTheProgramsOwnSayWhy() throws JsonProcessingException {
    assertEquals(new ExitStatus(124, "the time is up"), of("{\"verdict\":\"wall_timeout\"}"));
    assertEquals(new ExitStatus(137, "killed: out of memory"), of("{\"verdict\":\"oom\"}"));
    assertEquals(
        new ExitStatus(125, "the sandbox failed: no such file"),
        of("{\"verdict\":\"infra_error\",\"reason\":\"no such file\"}"));
    assertEquals(new ExitStatus(125, "the sandbox failed"), of("{}"));
  }
}
