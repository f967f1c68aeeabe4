// `inherit.wasm [NAME]`: a TCP echo on a listening descriptor that the host has opened before the start and
// announced in LISTEN_FDS; with a NAME on the one of that name. It serves one connection after the other with
// blocking calls.
#include "net.h"

static void echo(int connection) {
    static char bytes[64 * 1024];
    for (ssize_t got; (got = recv(connection, bytes, sizeof bytes, 0)) > 0;)
        for (ssize_t sent = 0, step; sent < got; sent += step)
            if ((step = send(connection, bytes + sent, (size_t)(got - sent), 0)) < 0)
                return;
}

int main(int argc, char **argv) {
    int listener = net_inherited(argc > 1 ? argv[1] : NULL);
    if (listener < 0) {
        fprintf(stderr, "no listening descriptor is announced in LISTEN_FDS\n");
        return 1;
    }
    printf("serving on descriptor %d\n", listener);
    fflush(stdout);
    for (;;) {
        int connection = accept(listener, NULL, NULL);
        if (connection < 0) {
            perror("accept");
            return 1;
        }
        echo(connection);
        close(connection);
    }
}
