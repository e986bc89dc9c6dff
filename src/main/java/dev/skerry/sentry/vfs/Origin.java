package dev.skerry.sentry.vfs;

import dev.skerry.sentry.auth.Credentials;

/** Who walks a path, and where root and working directory are. */
public record Origin(Credentials credentials, VfsPath root, VfsPath cwd, int umask) {}
