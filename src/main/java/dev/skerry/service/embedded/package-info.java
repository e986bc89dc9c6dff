/**
 * A service inside the command line's own JVM: for one run, with a data directory of its own, or
 * for {@code skerry serve}. No locks.
 */
@NullMarked
package dev.skerry.service.embedded;

import org.jspecify.annotations.NullMarked;
