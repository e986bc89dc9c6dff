/**
 * The command line: {@code skerry run}, {@code serve}, {@code doctor}, {@code bench}. It reaches
 * sandboxes through the public API alone, as any client does; {@code run}, {@code doctor} and
 * {@code bench} only know how to bring a service up first. No locks.
 */
@NullMarked
package dev.skerry.client;

import org.jspecify.annotations.NullMarked;
