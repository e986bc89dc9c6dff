/**
 * AF_NETLINK sockets of protocol ROUTE: what the sandbox's one interface is. Linux: net/netlink,
 * net/core/rtnetlink.c.
 */
@NullMarked
package dev.skerry.sentry.socket.netlink;

import org.jspecify.annotations.NullMarked;
