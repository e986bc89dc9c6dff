package dev.skerry.oci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class RuntimeSpecTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final Problems problems = new Problems();

  private RuntimeSpec read(String json) {
    try {
      return RuntimeSpec.read(MAPPER.readValue(json, Object.class), "/spec", problems);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String spec(String more) {
    return "{\"ociVersion\":\"1.2.0\",\"process\":{\"args\":[\"sh\"],\"cwd\":\"/\"}" + more + "}";
  }

  private static String process(String more) {
    return "{\"ociVersion\":\"1.2.0\",\"process\":{\"args\":[\"sh\"],\"cwd\":\"/\"," + more + "}}";
  }

  private void assertErrors(String... pointers) {
    assertEquals(List.of(pointers), problems.errors().stream().map(Problem::pointer).toList());
  }

  private void assertWarnings(String... pointers) {
    assertErrors();
    assertEquals(List.of(pointers), problems.warnings().stream().map(Problem::pointer).toList());
  }

  @Test
  void whatOrdinaryToolsGenerateIsAccepted() throws IOException {
    RuntimeSpec spec =
        RuntimeSpec.read(
            MAPPER.readValue(
                RuntimeSpecTest.class.getResourceAsStream("ordinary.json"), Object.class),
            "",
            problems);
    assertErrors();
    assertEquals(List.of("sh"), spec.process().args());
    assertEquals(0x20000420L, spec.process().capabilities().bounding());
    assertEquals(
        List.of("/proc", "/dev", "/dev/pts", "/dev/shm", "/sys", "/sys/fs/cgroup"),
        spec.mounts().stream().map(MountSpec::destination).toList());
    assertTrue(spec.root().readonly());
  }

  @Test
  void allProblemsAreFoundAtOnce() {
    read(
        "{\"ociVersion\":\"2.0\",\"process\":{\"args\":[],\"cwd\":\"x\",\"oops\":1},"
            + "\"hooks\":{\"poststop\":[{\"path\":\"/bin/rm\"}]},\"linux\":{\"cgroup/s~\":1}}");
    assertErrors(
        "/spec/ociVersion",
        "/spec/process/args",
        "/spec/process/cwd",
        "/spec/process/oops",
        "/spec/linux/cgroup~1s~0",
        "/spec/hooks");
  }

  @Test
  void cwdIsTheRootAndTheUmaskOrdinaryIfNotSaid() { // C64
    RuntimeSpec spec = read("{\"ociVersion\":\"1.0.2\",\"process\":{\"args\":[\"a\"]}}");
    assertErrors();
    assertEquals("/", spec.process().cwd());
    assertEquals(0022, spec.process().user().umask());
  }

  @Test
  void idsAreUnsigned() { // C65
    RuntimeSpec spec =
        read(process("\"user\":{\"uid\":4294967294,\"gid\":1,\"additionalGids\":[2,4294967295]}"));
    assertErrors("/spec/process/user/additionalGids/1");
    assertEquals(4294967294L, spec.process().user().uid());
  }

  @Test
  void resourceLimitsAreWholeUnsignedNumbers() {
    RuntimeSpec spec =
        read(
            process(
                "\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\",\"soft\":10,\"hard\":18446744073709551615},"
                    + "{\"type\":\"RLIMIT_X\",\"soft\":1,\"hard\":0},"
                    + "{\"type\":\"RLIMIT_CPU\",\"soft\":1.5}]"));
    assertErrors(
        "/spec/process/rlimits/1/type",
        "/spec/process/rlimits/1/soft",
        "/spec/process/rlimits/2/soft",
        "/spec/process/rlimits/2/hard");
    assertEquals(-1, spec.process().rlimits().getFirst().hard());
    assertEquals(7, spec.process().rlimits().getFirst().resource());
  }

  @Test
  void capabilitiesThatLinuxWouldNotGrantAreRefused() {
    read(
        process(
            "\"capabilities\":{\"effective\":[\"CAP_KILL\"],\"permitted\":[\"KILL\"],"
                + "\"ambient\":[\"CAP_CHOWN\"]}"));
    assertErrors(
        "/spec/process/capabilities/permitted/0",
        "/spec/process/capabilities/effective",
        "/spec/process/capabilities/ambient");
  }

  @Test
  void securityLabelsAreRefusedUnlessEmpty() {
    read(process("\"apparmorProfile\":\"\",\"selinuxLabel\":null"));
    assertErrors();
    read(process("\"apparmorProfile\":\"x\",\"selinuxLabel\":\"y\""));
    assertErrors("/spec/process/apparmorProfile", "/spec/process/selinuxLabel");
  }

  @Test
  void unknownMountTypesAreSkippedWithAWarning() { // C6
    RuntimeSpec spec =
        read(
            spec(
                ",\"mounts\":[{\"destination\":\"/c\",\"type\":\"nfs\",\"source\":\"host:/c\"},"
                    + "{\"destination\":\"/t\",\"type\":\"tmpfs\"}]"));
    assertWarnings("/spec/mounts/0/type");
    assertEquals(1, spec.mounts().size());
  }

  @Test
  void aMountOverABuiltInDeviceIsSkippedWithAWarning() { // C4
    RuntimeSpec spec =
        read(
            spec(
                ",\"mounts\":[{\"destination\":\"/dev/fd/\",\"type\":\"tmpfs\"},"
                    + "{\"destination\":\"/dev/fd-foo\",\"type\":\"tmpfs\"}]"));
    assertWarnings("/spec/mounts/0/destination");
    assertEquals("/dev/fd-foo", spec.mounts().getFirst().destination());
  }

  @Test
  void destinationsAreCleanedAndNoneIsSysfs() { // C2, C5
    RuntimeSpec spec =
        read(
            spec(
                ",\"mounts\":[{\"destination\":\"//proc/./x/..\",\"type\":\"proc\"},"
                    + "{\"destination\":\"/s\",\"type\":\"none\"},"
                    + "{\"destination\":\"/b\",\"source\":\"/x\",\"options\":[\"rbind\",\"ro\",\"rw\"]}]"));
    assertWarnings();
    assertEquals("/proc", spec.mounts().get(0).destination());
    assertEquals("sysfs", spec.mounts().get(1).type());
    assertTrue(spec.mounts().get(2).isBind());
    assertTrue(!spec.mounts().get(2).readOnly()); // C8: the last wins
  }

  @Test
  void tmpfsOptions() { // C7
    read(
        spec(
            ",\"mounts\":[{\"destination\":\"/t\",\"type\":\"tmpfs\","
                + "\"options\":[\"mode=755\",\"size=1m\",\"nosuid\",\"huge=always\",\"noexec\"]}]"));
    assertWarnings("/spec/mounts/0/options/3");
    read(
        spec(
            ",\"mounts\":[{\"destination\":\"/t\",\"type\":\"tmpfs\",\"options\":[\"size=1=2\"]}]"));
    assertErrors("/spec/mounts/0/options/0");
  }

  @Test
  void relativeDestinationsAndSourcesAreRefused() { // C53
    read(spec(",\"mounts\":[{\"destination\":\"x\",\"type\":\"bind\",\"source\":\"y\"}]"));
    assertErrors("/spec/mounts/0/destination", "/spec/mounts/0/source");
  }

  @Test
  void namespacesHaveNoPaths() {
    read(
        spec(
            ",\"linux\":{\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"network\",\"path\":\"/x\"},"
                + "{\"type\":\"pid\"},{\"type\":\"time\"}]}"));
    assertErrors(
        "/spec/linux/namespaces/1/path",
        "/spec/linux/namespaces/2/type",
        "/spec/linux/namespaces/3/type");
  }

  @Test
  void onlyNrOpenCanBeSetBySysctl() { // C63
    assertEquals(
        65536, read(spec(",\"linux\":{\"sysctl\":{\"fs.nr_open\":\"65536\"}}")).linux().nrOpen());
    assertErrors();
    read(spec(",\"linux\":{\"sysctl\":{\"fs.nr_open\":\"0\",\"kernel.domainname\":\"x\"}}"));
    assertErrors("/spec/linux/sysctl/fs.nr_open", "/spec/linux/sysctl/kernel.domainname");
  }

  @Test
  void aSeccompProfileIsReportedAsIgnored() { // C68
    read(spec(",\"linux\":{\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ERRNO\"}}"));
    assertWarnings("/spec/linux/seccomp");
  }

  @Test
  void limits() {
    LinuxSpec.ResourcesSpec limits =
        read(spec(
                ",\"linux\":{\"resources\":{\"memory\":{\"limit\":67108864},\"pids\":{\"limit\":9},"
                    + "\"cpu\":{\"quota\":50000,\"period\":100000,\"shares\":512}}}"))
            .linux()
            .resources();
    assertErrors();
    assertEquals(new LinuxSpec.ResourcesSpec(67108864, 50000, 100000, 512, 9), limits);
    read(
        spec(
            ",\"linux\":{\"resources\":{\"memory\":{\"limit\":1,\"swappiness\":0},"
                + "\"blockIO\":{\"weight\":10}}}"));
    assertErrors(
        "/spec/linux/resources/memory/limit",
        "/spec/linux/resources/memory/swappiness",
        "/spec/linux/resources/blockIO");
  }
}
