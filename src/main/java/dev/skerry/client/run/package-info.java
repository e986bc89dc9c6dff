/**
 * {@code skerry run}: options, the spec made of them, the caller's terminal and signals. No locks.
 */
@NullMarked
package dev.skerry.client.run;

import org.jspecify.annotations.NullMarked;
