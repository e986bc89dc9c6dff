#ifndef SKERRY_GUEST_FILTER_H
#define SKERRY_GUEST_FILTER_H

// Puts the calling thread under the guest filter, for good and for all its children. Needs no new
// privileges. Returns the listener's descriptor, or -1 with errno.
int guest_filter_install(void);

#endif
