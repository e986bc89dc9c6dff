package dev.skerry.sentry.vfs;

/**
 * What statfs(2) tells; sizes in blocks of {@code blockSize} bytes, {@code flags} without ST_ flags
 * of the mount.
 */
public record StatFs(
    long type,
    long blockSize,
    long blocks,
    long freeBlocks,
    long availableBlocks,
    long files,
    long freeFiles,
    long fsid,
    long maxNameLength,
    long fragmentSize) {}
