/**
 * epoll(7): many files watched through one. Linux: fs/eventpoll.c.
 *
 * <p>Lock order: the topology lock (only while an epoll is put into another), an {@link
 * dev.skerry.sentry.fs.epoll.EpollFile}'s monitor, the watched files' locks, their wait queues, the
 * epoll's list of ready items, the epoll's own wait queue, and so on upwards through epolls that
 * watch epolls, among which there is no cycle.
 */
@NullMarked
package dev.skerry.sentry.fs.epoll;

import org.jspecify.annotations.NullMarked;
