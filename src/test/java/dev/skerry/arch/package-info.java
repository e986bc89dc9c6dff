/** The rules of docs and style that a program can check. */
@NullMarked
package dev.skerry.arch;

import org.jspecify.annotations.NullMarked;
