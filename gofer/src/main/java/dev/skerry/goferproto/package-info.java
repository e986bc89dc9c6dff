/**
 * What a sentry and its gofer say to each other. A channel is a SOCK_SEQPACKET pair: a request is
 * one message, its response the next one in the other direction, with the descriptors that it tells
 * of. Either side treats the other as hostile: every field is bounded and checked when it is
 * decoded, and a message that does not follow its format ends the connection.
 *
 * <p>A request begins with a byte for its kind; a response with the error number, zero for success.
 * Then follow the fields of the record, in its order. Files are named by handles: numbers that the
 * gofer gives out and that hold on all channels of the sandbox. Names are Latin-1, a character a
 * byte.
 *
 * <p>Linux: fs/fuse, net/9p. No locks.
 */
@NullMarked
package dev.skerry.goferproto;

import org.jspecify.annotations.NullMarked;
