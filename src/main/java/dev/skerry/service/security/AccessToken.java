package dev.skerry.service.security;

import dev.skerry.service.config.DataDirectory;
import io.quarkus.runtime.Startup;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;

/** The token that clients must show. Made at the first start, kept in a file for the owner only. */
@Startup
@Singleton
public class AccessToken {
  private static final int RANDOM_BYTES = 32;

  /** Less could be guessed; a file with less was not made by this service. */
  private static final int LEAST_LENGTH = 32;

  private final byte[] token;

  @Inject
  AccessToken(DataDirectory data) {
    try {
      this.token = load(data.token());
    } catch (IOException e) {
      throw new UncheckedIOException("the token file cannot be read or made", e);
    }
  }

  private static byte[] load(Path file) throws IOException {
    if (!Files.exists(file)) {
      make(file);
    }
    String text = Files.readString(file).strip();
    if (text.length() < LEAST_LENGTH) {
      throw new IOException(file + " holds no token; delete it to have one made");
    }
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Links the finished file into place: whoever reads it finds a whole token, also beside another
   * start.
   */
  private static void make(Path file) throws IOException {
    byte[] random = new byte[RANDOM_BYTES];
    new SecureRandom().nextBytes(random);
    Path fresh =
        Files.createTempFile(
            file.getParent(),
            "token",
            ".new",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      Files.writeString(
          fresh, Base64.getUrlEncoder().withoutPadding().encodeToString(random) + "\n");
      Files.createLink(file, fresh);
    } catch (FileAlreadyExistsException e) {
      // Another start was faster; its token counts.
      return;
    } finally {
      Files.delete(fresh);
    }
  }

  /** Compares in a time that does not depend on where a difference is. */
  public boolean matches(String offered) {
    return MessageDigest.isEqual(token, offered.getBytes(StandardCharsets.UTF_8));
  }
}
