package dev.skerry.client;

import picocli.CommandLine;

/** The version, from the archive's manifest. */
final class Version implements CommandLine.IVersionProvider {
  @Override
  public String[] getVersion() {
    String version = Version.class.getPackage().getImplementationVersion();
    return new String[] {"skerry " + (version == null ? "(not packaged)" : version)};
  }
}
