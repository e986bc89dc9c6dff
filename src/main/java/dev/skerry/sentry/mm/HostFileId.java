package dev.skerry.sentry.mm;

/** A file of the host's, as /proc/PID/maps names it. */
record HostFileId(long dev, long ino) {}
