/** Whether the service lives and can start sandboxes. No Linux counterpart, no locks. */
@NullMarked
package dev.skerry.service.health;

import org.jspecify.annotations.NullMarked;
