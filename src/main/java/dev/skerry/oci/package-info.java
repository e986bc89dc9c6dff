/**
 * The OCI runtime spec 1.2 as records, and its validation.
 *
 * <p>Counterpart: {@code config.json} of the runtime spec, its pages {@code config.md} and {@code
 * config-linux.md}. The input is a parsed JSON text as plain Java values ({@link java.util.Map},
 * {@link java.util.List}, {@link String}, {@link Number}, {@link Boolean}); every field is
 * honoured, reported as ignored, or refused with its JSON pointer (RFC 6901). All problems are
 * found in one go. No locks.
 */
@NullMarked
package dev.skerry.oci;

import org.jspecify.annotations.NullMarked;
