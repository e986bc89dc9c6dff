/**
 * Who gets in: a bearer token, an allow-list of host names against DNS rebinding, another of
 * origins against web pages. No Linux counterpart, no locks.
 */
@NullMarked
package dev.skerry.service.security;

import org.jspecify.annotations.NullMarked;
