/** Errors as clients see them: problem documents (RFC 9457). No Linux counterpart, no locks. */
@NullMarked
package dev.skerry.service.problem;

import org.jspecify.annotations.NullMarked;
