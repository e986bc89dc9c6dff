package dev.skerry.sentry.landlock;

import java.util.Map;

/**
 * One ruleset as it was when it came into force.
 *
 * @param handled what of each kind is forbidden unless a rule allows it
 * @param files the rights to each object and all below it
 * @param ports the rights to each port
 */
record Layer(Handled handled, Map<Object, Integer> files, Map<Integer, Integer> ports) {
  /** The rights to files that the layer withholds of some that are wanted. */
  int withheld(int wanted) {
    return wanted & handled.onPaths();
  }

  int rightsTo(Object file) {
    return files.getOrDefault(file, 0);
  }

  boolean allowsPort(int port, int right) {
    return (right & handled.ports()) == 0 || (right & ports.getOrDefault(port, 0)) != 0;
  }
}
