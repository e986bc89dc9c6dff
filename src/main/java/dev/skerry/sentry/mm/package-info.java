/**
 * Address spaces. The host kernel keeps the pages; this package keeps what only the sentry knows of
 * them: the program, its arguments, the names of mapped files. Linux: mm/mmap.c,
 * fs/proc/task_mmu.c.
 *
 * <p>Lock order: a MemoryManager's lock is a leaf.
 */
@NullMarked
package dev.skerry.sentry.mm;

import org.jspecify.annotations.NullMarked;
