/**
 * What the service and a sandbox's sentry say to each other, over {@code control.sock} and through
 * the spool. Neither trusts the other: every field is bounded and checked when it is decoded.
 */
@NullMarked
package dev.skerry.control;

import org.jspecify.annotations.NullMarked;
