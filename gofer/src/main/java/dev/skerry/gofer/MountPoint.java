package dev.skerry.gofer;

/**
 * What the gofer serves one tree of.
 *
 * @param fd an O_PATH descriptor of the root
 */
record MountPoint(int fd, boolean writable) {}
