package dev.skerry.sentry.vfs;

/** Who a new file belongs to. */
public record Owner(int uid, int gid) {}
