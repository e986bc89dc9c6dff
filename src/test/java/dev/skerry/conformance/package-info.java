/**
 * The conformance programs of {@code src/test/conformance}: natively, then in a sandbox; equal or
 * it fails.
 */
@NullMarked
package dev.skerry.conformance;

import org.jspecify.annotations.NullMarked;
