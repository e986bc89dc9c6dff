package dev.skerry.service.api;

import dev.skerry.oci.Fields;
import dev.skerry.oci.Problems;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Which signal goes to whom. */
@Schema(name = "Signal")
record KillBody(
    @Schema(
            description = "A name or a number.",
            implementation = String.class,
            defaultValue = "SIGTERM",
            examples = "SIGTERM")
        int signal,
    @Schema(description = "As the program sees it; 1 is the first process.", defaultValue = "1")
        int pid,
    @Schema(description = "To every process; then there is no pid.", defaultValue = "false")
        boolean all) {
  private static final int MOST_PID = 1 << 22;
  private static final int SIGTERM = 15;

  static KillBody read(@Nullable Object body, Problems problems) {
    Fields fields = Fields.of(body, "", problems);
    int signal = SIGTERM;
    Object wanted = fields.take("signal");
    if (wanted instanceof String || wanted instanceof Integer) {
      signal = SignalNames.number(wanted.toString());
    } else if (wanted != null) {
      signal = 0;
    }
    if (signal == 0) {
      fields.error("signal", "is no signal of Linux");
    }
    boolean all = fields.flag("all");
    Long pid = fields.number("pid", 0, MOST_PID);
    if (all && pid != null && pid != 0) {
      fields.error("pid", "does not go with all");
    } else if (!all && pid != null && pid == 0) {
      fields.error("pid", "must be a process's: 1 is the first");
    }
    fields.end();
    return new KillBody(signal, pid == null || all ? 1 : pid.intValue(), all);
  }
}
