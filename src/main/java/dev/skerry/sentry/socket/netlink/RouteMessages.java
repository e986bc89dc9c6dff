package dev.skerry.sentry.socket.netlink;

import dev.skerry.sentry.socket.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * The routes and rules of a namespace with nothing but its loopback interface (ip-route(8),
 * ip-rule(8)): all routes are in the table "local", and they never change.
 */
final class RouteMessages {
  static final int RTM_GETROUTE = 26;
  static final int RTM_GETRULE = 34;

  private static final int RTM_NEWROUTE = 24;
  private static final int RTM_NEWRULE = 32;
  private static final int NLM_F_MULTI = 2;
  private static final int LOOPBACK_INDEX = 1;

  private static final int RT_TABLE_DEFAULT = 253;
  private static final int RT_TABLE_MAIN = 254;
  private static final int RT_TABLE_LOCAL = 255;
  private static final int RTPROT_UNSPEC = 0;
  private static final int RTPROT_KERNEL = 2;
  private static final int RT_SCOPE_UNIVERSE = 0;
  private static final int RT_SCOPE_LINK = 253;
  private static final int RT_SCOPE_HOST = 254;
  private static final int RTN_LOCAL = 2;
  private static final int RTN_BROADCAST = 3;

  /** RTM_F_CLONED and RTCF_LOCAL: the answer to a question, not an entry. */
  private static final int ANSWER_FLAGS = 0x8000_0200;

  private static final int RTA_DST = 1;
  private static final int RTA_OIF = 4;
  private static final int RTA_PRIORITY = 6;
  private static final int RTA_PREFSRC = 7;
  private static final int RTA_CACHEINFO = 12;
  private static final int RTA_TABLE = 15;
  private static final int RTA_PREF = 20;
  private static final int RTA_UID = 25;
  private static final int CACHEINFO_SIZE = 32;
  private static final int ROUTE_SIZE = 12;

  private static final int FR_ACT_TO_TBL = 1;
  private static final int FRA_PRIORITY = 6;
  private static final int FRA_SUPPRESS_PREFIXLEN = 14;
  private static final int FRA_TABLE = 15;
  private static final int FRA_PROTOCOL = 21;
  private static final int MAIN_PRIORITY = 32766;
  private static final int DEFAULT_PRIORITY = 32767;

  private record Route(int type, int scope, int prefix, byte[] destination) {}

  private static final byte[] V4 = {127, 0, 0, 1};
  private static final List<Route> V4_ROUTES =
      List.of(
          new Route(RTN_LOCAL, RT_SCOPE_HOST, 8, new byte[] {127, 0, 0, 0}),
          new Route(RTN_LOCAL, RT_SCOPE_HOST, 32, V4),
          new Route(RTN_BROADCAST, RT_SCOPE_LINK, 32, new byte[] {127, -1, -1, -1}));
  private static final byte[] V6 = SocketAddress.Inet.loopback(SocketAddress.AF_INET6, 0).host();

  private RouteMessages() {}

  private static boolean covers(int family, int asked) {
    return asked == 0 || asked == family;
  }

  static void putRoutes(MessageBuilder out, int family, int sequence, int portId) {
    if (covers(SocketAddress.AF_INET, family)) {
      for (Route route : V4_ROUTES) {
        header(out, NLM_F_MULTI, sequence, portId, SocketAddress.AF_INET, route, RTPROT_KERNEL, 0)
            .attribute(RTA_TABLE, RT_TABLE_LOCAL)
            .attribute(RTA_DST, route.destination())
            .attribute(RTA_PREFSRC, V4)
            .attribute(RTA_OIF, LOOPBACK_INDEX)
            .end();
      }
    }
    if (covers(SocketAddress.AF_INET6, family)) {
      putV6(out, NLM_F_MULTI, sequence, portId, false);
    }
  }

  private static MessageBuilder header(
      MessageBuilder out,
      int flags,
      int sequence,
      int portId,
      int family,
      Route route,
      int protocol,
      int routeFlags) {
    return out.begin(RTM_NEWROUTE, flags, sequence, portId)
        .u8(family)
        .u8(route.prefix())
        .u8(0)
        .u8(0)
        .u8(RT_TABLE_LOCAL)
        .u8(protocol)
        .u8(route.scope())
        .u8(route.type())
        .u32(routeFlags);
  }

  private static void putV6(
      MessageBuilder out, int flags, int sequence, int portId, boolean answers) {
    Route route = new Route(RTN_LOCAL, RT_SCOPE_UNIVERSE, 128, V6);
    header(out, flags, sequence, portId, SocketAddress.AF_INET6, route, RTPROT_KERNEL, 0)
        .attribute(RTA_TABLE, RT_TABLE_LOCAL)
        .attribute(RTA_DST, V6)
        .attribute(RTA_OIF, LOOPBACK_INDEX);
    if (answers) {
      out.attribute(RTA_PREFSRC, V6);
    }
    out.attribute(RTA_PRIORITY, 0)
        .attribute(RTA_CACHEINFO, new byte[CACHEINFO_SIZE])
        .attribute(RTA_PREF, new byte[] {0})
        .end();
  }

  /** Answers which way a packet would go; false if there is none. */
  static boolean answer(MessageBuilder out, ByteBuffer request, int portId) {
    if (request.capacity() < MessageBuilder.HEADER + ROUTE_SIZE) {
      return false;
    }
    int family = request.get(MessageBuilder.HEADER) & 0xff;
    int sequence = request.getInt(8);
    byte[] to = MessageBuilder.find(request, MessageBuilder.HEADER + ROUTE_SIZE, RTA_DST);
    if (family == SocketAddress.AF_INET6 && Arrays.equals(to, V6)) {
      putV6(out, 0, sequence, portId, true);
      return true;
    }
    if (family != SocketAddress.AF_INET || to == null || to.length != V4.length || to[0] != 127) {
      return false;
    }
    Route route = new Route(RTN_LOCAL, RT_SCOPE_UNIVERSE, 32, to);
    header(out, 0, sequence, portId, family, route, RTPROT_UNSPEC, ANSWER_FLAGS)
        .attribute(RTA_DST, to)
        .attribute(RTA_TABLE, RT_TABLE_LOCAL)
        .attribute(RTA_OIF, LOOPBACK_INDEX)
        .attribute(RTA_PREFSRC, to)
        .attribute(RTA_UID, 0)
        .attribute(RTA_CACHEINFO, new byte[CACHEINFO_SIZE])
        .end();
    return true;
  }

  static void putRules(MessageBuilder out, int family, int sequence, int portId) {
    if (covers(SocketAddress.AF_INET, family)) {
      putRule(out, SocketAddress.AF_INET, sequence, portId, RT_TABLE_LOCAL, 0);
      putRule(out, SocketAddress.AF_INET, sequence, portId, RT_TABLE_MAIN, MAIN_PRIORITY);
      putRule(out, SocketAddress.AF_INET, sequence, portId, RT_TABLE_DEFAULT, DEFAULT_PRIORITY);
    }
    if (covers(SocketAddress.AF_INET6, family)) {
      putRule(out, SocketAddress.AF_INET6, sequence, portId, RT_TABLE_LOCAL, 0);
      putRule(out, SocketAddress.AF_INET6, sequence, portId, RT_TABLE_MAIN, MAIN_PRIORITY);
    }
  }

  private static void putRule(
      MessageBuilder out, int family, int sequence, int portId, int table, int priority) {
    out.begin(RTM_NEWRULE, NLM_F_MULTI, sequence, portId)
        .u8(family)
        .u8(0)
        .u8(0)
        .u8(0)
        .u8(table)
        .u16(0)
        .u8(FR_ACT_TO_TBL)
        .u32(0)
        .attribute(FRA_TABLE, table)
        .attribute(FRA_SUPPRESS_PREFIXLEN, -1)
        .attribute(FRA_PROTOCOL, new byte[] {RTPROT_KERNEL});
    if (priority != 0) {
      out.attribute(FRA_PRIORITY, priority);
    }
    out.end();
  }
}
