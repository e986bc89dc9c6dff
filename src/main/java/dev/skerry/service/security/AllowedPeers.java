package dev.skerry.service.security;

import dev.skerry.service.config.SkerryConfig;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The allow-lists of Host and Origin. */
@Singleton
public class AllowedPeers {
  private final Set<String> hosts = new HashSet<>(Set.of("localhost", "127.0.0.1", "[::1]"));
  private final Set<String> origins = new HashSet<>();

  @Inject
  AllowedPeers(SkerryConfig config) {
    for (String host : config.http().allowedHosts().orElse(Set.of())) {
      hosts.add(host.toLowerCase(Locale.ROOT));
    }
    for (String origin : config.http().allowedOrigins().orElse(Set.of())) {
      origins.add(origin.toLowerCase(Locale.ROOT));
    }
  }

  /**
   * @param authority the Host header: a name, and maybe a port
   */
  public boolean allowsHost(@Nullable String authority) {
    return authority != null && hosts.contains(name(authority.toLowerCase(Locale.ROOT)));
  }

  private static String name(String authority) {
    int colon = authority.lastIndexOf(':');
    boolean insideBrackets = colon < authority.lastIndexOf(']');
    return colon < 0 || insideBrackets ? authority : authority.substring(0, colon);
  }

  /**
   * Whether a page of this origin may send requests: the service's own, or one of the operator's
   * list.
   *
   * @param authority the Host header of the same request, which was allowed
   */
  public boolean allowsOrigin(@Nullable String origin, String authority) {
    if (origin == null) {
      return true;
    }
    String lower = origin.toLowerCase(Locale.ROOT);
    String own = "://" + authority.toLowerCase(Locale.ROOT);
    return origins.contains(lower) || lower.equals("http" + own) || lower.equals("https" + own);
  }
}
