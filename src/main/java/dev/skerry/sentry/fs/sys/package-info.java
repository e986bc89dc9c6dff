/**
 * /sys (sysfs(5)) as far as programs look there: processors, memory nodes, the loopback interface,
 * and the control groups' file system, which tells the sandbox's own limits. Linux: fs/sysfs/,
 * kernel/cgroup/.
 */
@NullMarked
package dev.skerry.sentry.fs.sys;

import org.jspecify.annotations.NullMarked;
