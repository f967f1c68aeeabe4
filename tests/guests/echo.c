// A TCP echo for many connections: `echo.wasm [PORT] [sink]`. As a sink it reads and drops. Each connection
// has at most one chunk on its way: it is read only when the last one is sent, so a slow reader slows its own
// sender down.
#include "net.h"
#include <poll.h>

enum { CHUNK = 64 * 1024, MAX_CONNECTIONS = 1024 };

struct connection {
    char *pending; // what the peer has not taken yet
    size_t start, end;
};

static struct pollfd polled[MAX_CONNECTIONS + 1]; // the listener, then the connections
static struct connection connections[MAX_CONNECTIONS + 1];
static int count = 1;
static bool sink;

static bool would_block(void) {
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

static void add(int fd) {
    polled[count] = (struct pollfd){.fd = fd, .events = POLLIN};
    connections[count] = (struct connection){0};
    count++;
}

static void drop(int i) {
    close(polled[i].fd);
    free(connections[i].pending);
    count--;
    polled[i] = polled[count];
    connections[i] = connections[count];
}

// Sends what it can of the bytes; the number sent, or -1 when the connection is gone.
static ssize_t send_some(int fd, const char *data, size_t length) {
    size_t sent = 0;
    while (sent < length) {
        ssize_t step = send(fd, data + sent, length - sent, 0);
        if (step < 0)
            return would_block() ? (ssize_t)sent : -1;
        sent += (size_t)step;
    }
    return (ssize_t)sent;
}

// Keeps the unsent rest of a chunk and waits for the peer to read instead of write.
static bool keep(int i, const char *rest, size_t length) {
    struct connection *connection = &connections[i];
    connection->pending = malloc(length);
    if (!connection->pending)
        return false;
    memcpy(connection->pending, rest, length);
    connection->start = 0;
    connection->end = length;
    polled[i].events = POLLOUT;
    return true;
}

// Reads a chunk and sends it back; false when the connection is finished.
static bool pass_on(int i) {
    // Where it begins in a cache line matters to how fast the kernel fills it, and differs from compiler to compiler.
    static _Alignas(64) char chunk[CHUNK];
    int fd = polled[i].fd;
    ssize_t got = recv(fd, chunk, sizeof chunk, 0);
    if (got < 0)
        return would_block();
    if (got == 0)
        return false; // everything received before has been sent back: closing now answers the end with the
                      // end
    if (sink)
        return true;
    ssize_t sent = send_some(fd, chunk, (size_t)got);
    return sent == got || (sent >= 0 && keep(i, chunk + sent, (size_t)(got - sent)));
}

static bool send_rest(int i) {
    struct connection *connection = &connections[i];
    ssize_t sent =
        send_some(polled[i].fd, connection->pending + connection->start, connection->end - connection->start);
    if (sent < 0)
        return false;
    connection->start += (size_t)sent;
    if (connection->start == connection->end) {
        free(connection->pending);
        connection->pending = NULL;
        polled[i].events = POLLIN;
    }
    return true;
}

int main(int argc, char **argv) {
    sink = argc > 1 && strcmp(argv[argc - 1], "sink") == 0;
    int port = net_listen_port(sink ? argc - 1 : argc, argv);
    int listener = net_listen(port);
    if (listener < 0 || net_nonblocking(listener) < 0) {
        fprintf(stderr, "cannot listen on port %d: %s\n", port, strerror(errno));
        return 1;
    }
    printf("listening on %d\n", port);
    fflush(stdout);
    for (;;) {
        polled[0] = (struct pollfd){.fd = count <= MAX_CONNECTIONS ? listener : -1, .events = POLLIN};
        if (poll(polled, (nfds_t)count, -1) < 0 && errno != EINTR) {
            perror("poll");
            return 1;
        }
        // From the last to the first, because dropping one moves the last, which is done already, into its
        // place.
        for (int i = count - 1; i > 0; i--)
            if (polled[i].revents && !(connections[i].pending ? send_rest(i) : pass_on(i)))
                drop(i);
        if (polled[0].revents)
            for (int fd; count <= MAX_CONNECTIONS && (fd = net_accept(listener)) >= 0;)
                add(fd);
    }
}
