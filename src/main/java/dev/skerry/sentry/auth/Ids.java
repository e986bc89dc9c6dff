package dev.skerry.sentry.auth;

/**
 * The four user ids of a task, or its four group ids (credentials(7)).
 *
 * @param fs decides about access to files; follows the effective one
 */
public record Ids(int real, int effective, int saved, int fs) {
  /** All four alike. */
  public static Ids of(int id) {
    return new Ids(id, id, id, id);
  }
}
