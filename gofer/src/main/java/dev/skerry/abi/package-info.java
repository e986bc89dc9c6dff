/** Constants of the Linux x86-64 ABI, by Linux's own names. Depends on nothing. */
@NullMarked
package dev.skerry.abi;

import org.jspecify.annotations.NullMarked;
