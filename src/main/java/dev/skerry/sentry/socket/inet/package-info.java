/**
 * TCP, UDP, ICMP and raw sockets over the sandbox's own loopback interface. Two sockets of one
 * sandbox are joined directly; packets are made for raw sockets alone. Locks: a socket's monitor,
 * then {@link dev.skerry.sentry.socket.inet.NetworkNamespace}. Linux: net/ipv4, net/ipv6.
 */
@NullMarked
package dev.skerry.sentry.socket.inet;

import org.jspecify.annotations.NullMarked;
