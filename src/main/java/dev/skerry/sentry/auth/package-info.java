/**
 * Credentials and capabilities. Immutable, so without locks. Linux: kernel/cred.c,
 * security/commoncap.c.
 */
@NullMarked
package dev.skerry.sentry.auth;

import org.jspecify.annotations.NullMarked;
