package dev.skerry.sentry.vfs;

/**
 * A name in a directory.
 *
 * @param name one Latin-1 character a byte
 * @param type a DT_ constant of readdir(3), which is the S_IFMT bits shifted right by 12
 */
public record DirectoryEntry(String name, long ino, int type) {}
