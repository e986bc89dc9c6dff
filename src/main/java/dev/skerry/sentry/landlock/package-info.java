/**
 * What programs forbid themselves (landlock(7)): rights, rules about objects, and layers of rules.
 * Knows no file, socket or task: what a rule is about is any object, and those who decide ask.
 * Linux: security/landlock. The monitor of a ruleset is a leaf; the rest is immutable.
 */
@NullMarked
package dev.skerry.sentry.landlock;

import org.jspecify.annotations.NullMarked;
