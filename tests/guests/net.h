// What test guests need of the network: the sockets of the multi-service example, and descriptors that the
// host has opened before the guest starts.
#ifndef GUESTS_NET_H
#define GUESTS_NET_H

#include "../../examples/multi-service/shared/net.h"

// Finds an inherited listening descriptor by the convention of systemd's socket activation: LISTEN_FDS counts
// them and LISTEN_FDNAMES names them, separated by colons. A WASI host puts them after the preopened folders,
// so the number of the first one is given in LISTEN_FDS_START; without it counting starts at 3. A NULL name
// means the first. -1 if there is none.
static inline int net_inherited(const char *name) {
    const char *count = getenv("LISTEN_FDS"), *start = getenv("LISTEN_FDS_START"),
               *names = getenv("LISTEN_FDNAMES");
    int total = count ? atoi(count) : 0, first = start ? atoi(start) : 3;
    for (int i = 0; i < total; i++) {
        size_t length = names ? strcspn(names, ":") : 0;
        if (!name || (names && strlen(name) == length && strncmp(name, names, length) == 0))
            return first + i;
        if (names)
            names += length + (names[length] == ':');
    }
    return -1;
}

#endif
