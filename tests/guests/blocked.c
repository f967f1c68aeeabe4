// `blocked.wasm accept|read|write|connect|sleep|stdin [HOST PORT]`: waits for ever in that host call, for tests
// of how a blocked guest is stopped. `read` waits for bytes of a connection to itself, which never come, and
// `write` for room in one that nobody reads from;
// `connect` opens one connection after the other to HOST and PORT (itself unless given) until one of them is
// left waiting.
#include "net.h"
#include <errno.h>
#include <fcntl.h>
#include <time.h>

enum { PORT = 8080 };

static int fail(const char *what) {
    perror(what);
    return 1;
}

static void announce(const char *what) {
    printf("blocking in %s\n", what);
    fflush(stdout);
}

static int wait_in_accept(void) {
    int listener = net_listen(PORT);
    if (listener < 0)
        return fail("listen");
    announce("accept");
    return accept(listener, NULL, NULL) < 0 ? fail("accept") : 0;
}

static int wait_in_read(void) {
    int listener = net_listen(PORT);
    int connection = listener < 0 ? -1 : net_connect("localhost", PORT);
    if (connection < 0)
        return fail("connect");
    announce("read");
    char byte;
    return read(connection, &byte, 1) < 0 ? fail("read") : 0;
}

static int wait_in_write(void) {
    static char block[65536];
    int listener = net_listen(PORT);
    int connection = listener < 0 ? -1 : net_connect("localhost", PORT);
    if (connection < 0 || fcntl(connection, F_SETFL, O_NONBLOCK) < 0)
        return fail("connect");
    while (write(connection, block, sizeof block) > 0)
        ;
    if (errno != EAGAIN || fcntl(connection, F_SETFL, 0) < 0)
        return fail("fill");
    announce("write");
    return write(connection, block, sizeof block) < 0 ? fail("write") : 0;
}

static int wait_in_connect(const char *host, int port) {
    if (!host && net_listen(PORT) < 0)
        return fail("listen");
    announce("connect");
    for (;;)
        if (net_connect(host ? host : "localhost", port) < 0)
            return fail("connect");
}

static int wait_in_sleep(void) {
    announce("sleep");
    for (;;)
        nanosleep(&(struct timespec){.tv_sec = 3600}, NULL);
}

static int wait_in_stdin(void) {
    announce("stdin");
    char byte;
    for (;;) {
        ssize_t got = read(STDIN_FILENO, &byte, 1);
        if (got <= 0)
            return got < 0 ? fail("read") : 0;
    }
}

int main(int argc, char **argv) {
    const char *call = argc > 1 ? argv[1] : "";
    if (strcmp(call, "accept") == 0)
        return wait_in_accept();
    if (strcmp(call, "read") == 0)
        return wait_in_read();
    if (strcmp(call, "write") == 0)
        return wait_in_write();
    if (strcmp(call, "connect") == 0)
        return wait_in_connect(argc > 3 ? argv[2] : NULL, argc > 3 ? net_port(argv[3]) : PORT);
    if (strcmp(call, "sleep") == 0)
        return wait_in_sleep();
    if (strcmp(call, "stdin") == 0)
        return wait_in_stdin();
    fprintf(stderr, "usage: %s accept|read|write|connect|sleep|stdin [HOST PORT]\n", argv[0]);
    return 2;
}
