package dev.skerry.sentry.mm;

/**
 * How a file that is mapped appears to the guest.
 *
 * @param dev the guest's st_dev
 * @param ino the guest's st_ino
 * @param name its path, or what stands for it
 */
record MappedFile(long dev, long ino, String name) {}
