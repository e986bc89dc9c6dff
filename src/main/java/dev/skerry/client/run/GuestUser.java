package dev.skerry.client.run;

import dev.skerry.client.api.ClientException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Who the guest's first process is: "UID", "UID:GID" or a name of the root file system's passwd(5).
 */
record GuestUser(long uid, long gid) {
  static final GuestUser ROOT = new GuestUser(0, 0);

  /** The highest id; the one above means "no change" to setuid(2). */
  private static final long MOST_ID = 0xfffffffeL;

  /**
   * @param root where the guest's /etc/passwd is looked for, when it is a name
   * @throws ClientException when there is no such user
   */
  static GuestUser parse(String text, Path root) {
    int colon = text.indexOf(':');
    String user = colon < 0 ? text : text.substring(0, colon);
    if (!user.isEmpty() && Character.isDigit(user.charAt(0))) {
      long uid = id(user);
      return new GuestUser(uid, colon < 0 ? uid : id(text.substring(colon + 1)));
    }
    GuestUser found = lookUp(user, root.resolve("etc/passwd"));
    return colon < 0 ? found : new GuestUser(found.uid, id(text.substring(colon + 1)));
  }

  private static GuestUser lookUp(String name, Path passwd) {
    try (BufferedReader lines = Files.newBufferedReader(passwd)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] fields = line.split(":", -1);
        if (fields.length >= 4 && fields[0].equals(name)) {
          return new GuestUser(id(fields[2]), id(fields[3]));
        }
      }
    } catch (IOException e) {
      throw new ClientException("--user " + name + ": cannot read " + passwd + "; give UID:GID", e);
    }
    throw new ClientException("--user " + name + ": not in " + passwd + "; give UID:GID");
  }

  private static long id(String digits) {
    try {
      long id = Long.parseLong(digits);
      if (id >= 0 && id <= MOST_ID) {
        return id;
      }
    } catch (NumberFormatException e) {
      // Said below, in the same words as for a number out of range.
    }
    throw new ClientException(
        "a user or group id is a number from 0 to " + MOST_ID + ", not " + digits);
  }
}
