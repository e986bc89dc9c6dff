package dev.skerry.client;

import dev.skerry.client.api.ClientException;
import dev.skerry.client.api.ServiceAddress;
import dev.skerry.client.api.ServiceClient;
import dev.skerry.client.doctor.Finding;
import dev.skerry.client.doctor.HostCheck;
import dev.skerry.client.doctor.Layers;
import dev.skerry.client.run.RunOptions;
import dev.skerry.client.run.SpecComposer;
import dev.skerry.service.embedded.EmbeddedService;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/**
 * {@code skerry doctor}: what this host offers, what is missing, and what protects a sandbox here.
 */
@Command(
    name = "doctor",
    description = "Says for every host feature that Skerry needs whether it is there.",
    mixinStandardHelpOptions = true,
    footer = {"", "Status: 0 when sandboxes can run, else 1."})
final class DoctorCommand implements Callable<Integer> {
  private static final List<String> IDLE = List.of("/bin/sleep", "60");

  @Override
  public Integer call() {
    System.out.println("This host:");
    boolean fit = print(HostCheck.run(Path.of(System.getProperty("skerry.home", "."))));
    if (fit) {
      System.out.println("Layers around a guest, seen on a sandbox started now:");
      fit = print(layers());
    }
    System.out.println(fit ? "Sandboxes can run here." : "Sandboxes cannot run here.");
    return fit ? 0 : 1;
  }

  private static boolean print(List<Finding> findings) {
    boolean fit = true;
    for (Finding finding : findings) {
      System.out.println(finding.text());
      fit &= finding.state() != Finding.State.MISSING;
    }
    return fit;
  }

  private static List<Finding> layers() {
    try (EmbeddedService service = EmbeddedService.start()) {
      ServiceClient client = new ServiceClient(new ServiceAddress(service.uri(), service.token()));
      String id =
          client.startRun(new SpecComposer(RunOptions.of(IDLE)).compose(null)).path("id").asText();
      try {
        return Layers.probe(service.data().resolve("sandboxes").resolve(id));
      } finally {
        client.delete(id);
      }
    } catch (ClientException e) {
      return List.of(
          new Finding(
              Finding.State.MISSING,
              "a sandbox",
              String.valueOf(e.getMessage()),
              "what is missing above says more"));
    }
  }
}
