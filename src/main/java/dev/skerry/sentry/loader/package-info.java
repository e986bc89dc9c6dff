/**
 * Puts a program into a fresh address space: scripts, ELF images, the stack that a program starts
 * with. Linux: fs/exec.c, fs/binfmt_elf.c, fs/binfmt_script.c.
 *
 * <p>Takes no locks of its own.
 */
@NullMarked
package dev.skerry.sentry.loader;

import org.jspecify.annotations.NullMarked;
