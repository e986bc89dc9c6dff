/**
 * The sentry: an application kernel that answers the system calls of the programs in one sandbox.
 */
@NullMarked
package dev.skerry.sentry;

import org.jspecify.annotations.NullMarked;
