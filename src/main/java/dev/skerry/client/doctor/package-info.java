/**
 * What {@code skerry doctor} finds out, by trying rather than by version numbers: the host's
 * features, the cgroup controllers, and the layers of a sandbox that it starts. No locks.
 */
@NullMarked
package dev.skerry.client.doctor;

import org.jspecify.annotations.NullMarked;
