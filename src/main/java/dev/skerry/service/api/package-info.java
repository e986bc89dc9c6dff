/**
 * The REST resources: they parse, call {@code lifecycle}, and render. Counterpart: none in Linux;
 * the verbs are the runtime spec's (create, start, kill, delete, state). No locks.
 */
@NullMarked
package dev.skerry.service.api;

import org.jspecify.annotations.NullMarked;
