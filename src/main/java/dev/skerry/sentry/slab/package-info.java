/**
 * The small objects that the sentry keeps on its heap for its guests: how many there are of each
 * kind, and what they may take together. Knows nothing of the others. Linux: mm/slab.h,
 * /proc/slabinfo, and the part of a memory cgroup that is called kmem.
 */
@NullMarked
package dev.skerry.sentry.slab;

import org.jspecify.annotations.NullMarked;
