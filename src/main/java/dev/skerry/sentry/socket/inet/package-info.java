/**
 * TCP and UDP over the sandbox's own loopback interface. No packets: two sockets of one sandbox are
 * joined directly. Locks: a socket's monitor, then {@link
 * dev.skerry.sentry.socket.inet.NetworkNamespace}. Linux: net/ipv4, net/ipv6.
 */
@NullMarked
package dev.skerry.sentry.socket.inet;

import org.jspecify.annotations.NullMarked;
