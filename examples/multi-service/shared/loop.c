#include "loop.h"
#include "net.h"
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

enum {
    READ_SIZE = 64 * 1024,
    INPUT_LIMIT = 256 * 1024,   // unless the protocol sets another
    MAX_CONNECTIONS = 4000,     // beyond that clients wait in the listener's backlog
    ACCEPTS_PER_TURN = 256,     // so that a flood of new clients does not starve the present ones
    LINGER_MILLISECONDS = 1000, // how long a finished connection waits for its peer to close
};

// poll's array starts with the listener and what tells that the program is to end; then come the connections.
enum { LISTENER, SIGNALS, FIRST };
static struct conn *conns[MAX_CONNECTIONS];
static struct pollfd polled[FIRST + MAX_CONNECTIONS];
static int count;
static bool any_resumed;
static bool draining, ending;
static int signals = -1;

int64_t loop_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct conn *loop_add(int fd) {
    struct conn *conn = count < MAX_CONNECTIONS ? calloc(1, sizeof *conn) : NULL;
    if (!conn) {
        close(fd);
        return NULL;
    }
    conn->fd = fd;
    conn->input_limit = INPUT_LIMIT;
    polled[FIRST + count].revents = 0;
    conns[count++] = conn;
    return conn;
}

void conn_finish(struct conn *conn) {
    conn->finishing = true;
}

void conn_resume(struct conn *conn) {
    conn->resumed = true;
    any_resumed = true;
}

// The structure itself stays until the end of the turn, because callbacks further up may still hold it.
void conn_close(struct conn *conn) {
    if (conn->fd < 0)
        return;
    close(conn->fd);
    conn->fd = -1;
    if (conn->closed)
        conn->closed(conn);
}

// Hands input to the protocol piece by piece and returns how much of it is used up.
static size_t deliver(struct conn *conn, const char *data, size_t length) {
    size_t used = 0;
    while (used < length && conn->fd >= 0 && !conn->finishing) {
        if (conn->out.length >= LOOP_HIGH_WATER) {
            conn->resumed = true; // goes on as soon as the peer has read some of its answers
            break;
        }
        size_t step = conn->received(conn, data + used, length - used);
        if (step == 0)
            break;
        used += step;
    }
    return conn->finishing ? length : used;
}

static void deliver_kept(struct conn *conn) {
    size_t used = deliver(conn, buffer_head(&conn->in), conn->in.length);
    buffer_consume(&conn->in, used);
}

static void input_ended(struct conn *conn) {
    conn->end_of_input = true;
    if (conn->fd < 0 || conn->resumed)
        return;
    if (conn->ended)
        conn->ended(conn);
    else
        conn_finish(conn);
}

// Reads once. Input usually arrives whole and is handled straight from a buffer that all connections share;
// only an unfinished rest is copied into the connection's own.
static void receive(struct conn *conn) {
    static char shared[READ_SIZE];
    bool kept = conn->in.length > 0;
    char *into = kept ? buffer_reserve(&conn->in, READ_SIZE) : shared;
    ssize_t got = recv(conn->fd, into, READ_SIZE, 0);
    if (got < 0) {
        if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
            conn_close(conn);
    } else if (conn->lingering) {
        if (got == 0)
            conn_close(conn);
    } else if (got == 0) {
        input_ended(conn);
    } else if (kept) {
        conn->in.length += (size_t)got;
        deliver_kept(conn);
    } else {
        size_t used = deliver(conn, shared, (size_t)got);
        buffer_append(&conn->in, shared + used, (size_t)got - used);
    }
}

static void transmit(struct conn *conn) {
    while (conn->out.length > 0) {
        ssize_t sent = send(conn->fd, buffer_head(&conn->out), conn->out.length, 0);
        if (sent < 0) {
            if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
                conn_close(conn);
            return;
        }
        buffer_consume(&conn->out, (size_t)sent);
    }
    // Closing a socket with unread input resets the connection, which can destroy the answer on its way; so
    // we only say that nothing more will come, and wait a little for the peer to close.
    if (conn->finishing && !conn->lingering) {
        if (conn->end_of_input || shutdown(conn->fd, SHUT_WR) < 0) {
            conn_close(conn);
        } else {
            conn->lingering = true;
            conn->deadline = loop_now() + LINGER_MILLISECONDS;
        }
    }
}

static void accept_some(const struct loop *loop) {
    for (int i = 0; i < ACCEPTS_PER_TURN && count < MAX_CONNECTIONS; i++) {
        int fd = net_accept(loop->listener);
        if (fd < 0)
            return;
        struct conn *conn = loop_add(fd);
        if (!conn)
            continue;
        loop->accepted(conn);
        polled[FIRST + count - 1].revents = POLLIN; // the first request is often there already
    }
}

// What poll is to watch for. A descriptor that is to be ignored must be left out (-1): the C library of WASI
// refuses an entry without events.
static struct pollfd interest(const struct conn *conn) {
    int events = conn->out.length > 0 ? POLLOUT : 0;
    bool room = conn->out.length < LOOP_HIGH_WATER && conn->in.length < conn->input_limit;
    if (!conn->end_of_input && (room || conn->lingering))
        events |= POLLIN;
    return (struct pollfd){.fd = events ? conn->fd : -1, .events = (short)events};
}

static void release(int i) {
    buffer_free(&conns[i]->in);
    buffer_free(&conns[i]->out);
    free(conns[i]);
    conns[i] = conns[--count];
}

// Sends what the turn has queued, clears away what it has closed, fills poll's array, and returns how long to
// wait. All in one pass, because with many idle connections the passes are what costs.
static int finish_turn(const struct loop *loop) {
    int64_t nearest = loop->timeout ? loop->timeout() : -1, now = -1;
    any_resumed = false;
    for (int i = 0; i < count;) {
        struct conn *conn = conns[i];
        if (conn->fd >= 0 && (conn->out.length > 0 || (conn->finishing && !conn->lingering)))
            transmit(conn);
        if (conn->fd < 0) {
            release(i);
            continue;
        }
        polled[FIRST + i++] = interest(conn);
        if (conn->resumed && conn->out.length < LOOP_HIGH_WATER)
            nearest = 0;
        if (conn->deadline > 0) {
            now = now < 0 ? loop_now() : now;
            int64_t left = conn->deadline > now ? conn->deadline - now : 0;
            nearest = nearest < 0 || left < nearest ? left : nearest;
        }
    }
    bool accepting = !draining && count < MAX_CONNECTIONS;
    polled[LISTENER] = (struct pollfd){.fd = accepting ? loop->listener : -1, .events = POLLIN};
    polled[SIGNALS] = (struct pollfd){.fd = ending ? -1 : signals, .events = POLLIN};
    if (any_resumed) // by a connection that was closed on the way
        return 0;
    return (int)(nearest > INT32_MAX ? INT32_MAX : nearest);
}

static void serve(struct conn *conn, int events) {
    if ((events & POLLOUT) && conn->out.length > 0)
        transmit(conn);
    if (conn->fd >= 0 && conn->resumed && conn->out.length < LOOP_HIGH_WATER) {
        conn->resumed = false;
        deliver_kept(conn);
        if (conn->end_of_input)
            input_ended(conn);
    }
    if (conn->fd >= 0 && (events & ~POLLOUT) && !conn->end_of_input)
        receive(conn);
}

void loop_drain(void) {
    draining = true;
}

bool loop_ending(void) {
    return ending;
}

_Noreturn void loop_run(const struct loop *loop) {
    if (net_nonblocking(loop->listener) < 0) {
        perror("cannot make the listener non-blocking");
        exit(1);
    }
    signals = net_signals();
    for (;;) {
        int timeout = finish_turn(loop);
        if (ending && count == 0)
            exit(0);
        int ready = poll(polled, (nfds_t)count + FIRST, timeout);
        if (ready < 0 && errno != EINTR) {
            perror("poll");
            exit(1);
        }
        if (ready > 0 && polled[LISTENER].revents)
            accept_some(loop);
        if (ready > 0 && polled[SIGNALS].revents)
            draining = ending = true;
        int64_t now = -1;
        for (int i = 0; i < count; i++) {
            struct conn *conn = conns[i];
            if (conn->fd >= 0 && (polled[FIRST + i].revents || conn->resumed))
                serve(conn, polled[FIRST + i].revents);
            if (conn->fd >= 0 && conn->deadline > 0) {
                now = now < 0 ? loop_now() : now;
                if (conn->deadline <= now)
                    conn_close(conn);
            }
        }
        if (loop->turn)
            loop->turn();
    }
}

_Noreturn void loop_serve(int port, const struct loop *loop) {
    struct loop listening = *loop;
    listening.listener = net_listen(port);
    if (listening.listener < 0) {
        fprintf(stderr, "cannot listen on port %d: %s\n", port, strerror(errno));
        exit(1);
    }
    printf("listening on %d\n", port);
    fflush(stdout);
    loop_run(&listening);
}
