package dev.skerry.client.api;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where a service is, and the token that it asks for. */
public record ServiceAddress(URI base, String token) {
  /** From $SKERRY_URL and $SKERRY_TOKEN or the data directory's token; null without $SKERRY_URL. */
  public static @Nullable ServiceAddress fromEnvironment() {
    String url = System.getenv("SKERRY_URL");
    if (url == null || url.isEmpty()) {
      return null;
    }
    URI base;
    try {
      base = URI.create(url.endsWith("/") ? url : url + "/");
    } catch (IllegalArgumentException e) {
      throw new ClientException("SKERRY_URL is no URL: " + url, e);
    }
    boolean known = "http".equals(base.getScheme()) || "https".equals(base.getScheme());
    if (!known || base.getHost() == null) {
      throw new ClientException("SKERRY_URL must be like http://127.0.0.1:8181, not " + url);
    }
    String token = System.getenv("SKERRY_TOKEN");
    return new ServiceAddress(
        base, token == null || token.isEmpty() ? readToken(dataDirectory()) : token);
  }

  /** Reads the token that the service with this data directory has made. */
  public static String readToken(Path data) {
    Path file = data.resolve("token");
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new ClientException(
          "no token: set SKERRY_TOKEN, or run as the user whose service made " + file, e);
    }
  }

  /** The user's state directory for Skerry, as the XDG base directory specification has it. */
  public static Path dataDirectory() {
    String state = System.getenv("XDG_STATE_HOME");
    return state == null || !state.startsWith("/")
        ? home().resolve(Path.of(".local", "state", "skerry"))
        : Path.of(state, "skerry");
  }

  private static Path home() {
    String home = System.getenv("HOME");
    return Path.of(home != null && home.startsWith("/") ? home : System.getProperty("user.home"));
  }
}
