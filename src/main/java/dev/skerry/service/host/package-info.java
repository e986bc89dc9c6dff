/**
 * What the service needs of the machine: processes, cgroups, unix sockets. Counterparts: proc(5),
 * cgroups(7), kill(2). Locks: none but {@link dev.skerry.service.host.ControlGroups}' own, a leaf.
 */
@NullMarked
package dev.skerry.service.host;

import org.jspecify.annotations.NullMarked;
