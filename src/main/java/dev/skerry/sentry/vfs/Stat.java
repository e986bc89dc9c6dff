package dev.skerry.sentry.vfs;

/**
 * A file's attributes (inode(7)). Times are nanoseconds since the epoch; {@code blocks} counts 512
 * bytes; {@code mode} has the type bits.
 */
public record Stat(
    long dev,
    long ino,
    int mode,
    int nlink,
    int uid,
    int gid,
    long rdev,
    long size,
    int blksize,
    long blocks,
    long atime,
    long mtime,
    long ctime,
    long btime) {}
