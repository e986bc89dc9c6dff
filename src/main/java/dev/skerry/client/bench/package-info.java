/**
 * {@code skerry bench}: one C program and a few whole processes, run natively, under Skerry, and
 * under other sandboxes where they are installed, taking turns so that the machine's moods hit all
 * alike. No locks.
 */
@NullMarked
package dev.skerry.client.bench;

import org.jspecify.annotations.NullMarked;
