/** What the service counts, for Prometheus. No Linux counterpart; locks are Micrometer's own. */
@NullMarked
package dev.skerry.service.metrics;

import org.jspecify.annotations.NullMarked;
