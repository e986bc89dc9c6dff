package dev.skerry.sentry.landlock;

/**
 * What a ruleset restricts.
 *
 * @param paths rights to files and directories
 * @param ports rights to ports
 * @param scopes with whom there is nothing to be done
 */
public record Handled(int paths, int ports, int scopes) {
  static final Handled NOTHING = new Handled(0, 0, 0);

  public boolean isNothing() {
    return (paths | ports | scopes) == 0;
  }

  /** The rights to files that need a rule: {@link AccessRights#REFER} always does. */
  int onPaths() {
    return paths | AccessRights.REFER;
  }

  Handled and(Handled other) {
    return new Handled(paths | other.paths, ports | other.ports, scopes | other.scopes);
  }
}
