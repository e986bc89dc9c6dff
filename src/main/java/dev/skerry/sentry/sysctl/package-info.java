/**
 * The settings of /proc/sys (sysctl(8)): what there is, what each may be, and what it is now in
 * each namespace that has its own. Those who obey a setting ask for it when they need it. Knows
 * nothing of the others. Linux: kernel/sysctl.c and the tables of its users.
 */
@NullMarked
package dev.skerry.sentry.sysctl;

import org.jspecify.annotations.NullMarked;
