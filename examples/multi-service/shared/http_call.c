#include "http.h"
#include "net.h"
#include <strings.h>

enum { ANSWER_LIMIT = 16 * 1024 * 1024 };

struct call {
    http_done *done; // NULL once it has been called
    void *context;
};

static void report(struct call *call, int status, const char *reason, struct slice body) {
    http_done *done = call->done;
    call->done = NULL;
    if (done)
        done(call->context, &(struct http_result){status, reason, body});
}

static void fail(struct call *call, const char *reason) {
    report(call, 0, reason, (struct slice){0});
}

// Finds the end of the head, the status and the announced length (-1 if there is none). 0 if the head is not
// complete.
static size_t parse_answer(const char *data, size_t length, int *status, int64_t *body) {
    *status = 0;
    *body = -1;
    for (const char *line = data, *limit = data + length, *end; line < limit; line = end + 1) {
        end = memchr(line, '\n', (size_t)(limit - line));
        if (!end)
            return 0;
        size_t size = (size_t)(end - line);
        if (size == 0 || (size == 1 && *line == '\r'))
            return (size_t)(end + 1 - data);
        if (line == data)
            *status = size > 12 && memcmp(line, "HTTP/1.", 7) == 0 ? (int)strtol(line + 9, NULL, 10) : -1;
        else if (size > 15 && strncasecmp(line, "content-length:", 15) == 0)
            *body = strtoll(line + 15, NULL, 10);
    }
    return 0;
}

// The answer is left in the connection's input until it is complete.
static void try_finish(struct conn *conn, const char *data, size_t length) {
    int status;
    int64_t announced;
    size_t head = parse_answer(data, length, &status, &announced);
    if (head == 0 ? conn->end_of_input : status < 100 || status > 999) {
        fail(conn->context, "the answer is not HTTP");
        conn_close(conn);
        return;
    }
    size_t present = length - head;
    bool complete = announced < 0 ? conn->end_of_input : (int64_t)present >= announced;
    if (head > 0 && complete) {
        struct slice body = {data + head, announced < 0 ? present : (size_t)announced};
        report(conn->context, status, NULL, body);
        conn_close(conn);
    } else if (conn->end_of_input || length >= ANSWER_LIMIT) {
        fail(conn->context, conn->end_of_input ? "the connection was closed in the middle of the answer"
                                               : "the answer is too large");
        conn_close(conn);
    }
}

static size_t call_received(struct conn *conn, const char *data, size_t length) {
    try_finish(conn, data, length);
    return 0;
}

static void call_ended(struct conn *conn) {
    try_finish(conn, buffer_head(&conn->in), conn->in.length);
}

static void call_closed(struct conn *conn) {
    struct call *call = conn->context;
    fail(call, conn->deadline <= loop_now() ? "no answer in time" : "the connection broke");
    free(call);
}

void http_call(const char *method, const char *host, int port, const char *path, int timeout_milliseconds,
               http_done *done, void *context) {
    struct call immediate = {done, context};
    int fd = net_connect(host, port);
    if (fd < 0 || net_nonblocking(fd) < 0) {
        fail(&immediate, strerror(errno));
        if (fd >= 0)
            close(fd);
        return;
    }
    struct call *call = malloc(sizeof *call);
    struct conn *conn = loop_add(fd);
    if (!call || !conn) {
        free(call);
        if (conn)
            conn_close(conn);
        fail(&immediate, "too many connections");
        return;
    }
    *call = immediate;
    conn->context = call;
    conn->received = call_received;
    conn->ended = call_ended;
    conn->closed = call_closed;
    conn->input_limit = ANSWER_LIMIT;
    conn->deadline = loop_now() + timeout_milliseconds;
    // The old version of the protocol, so that the answer comes with its length or ends with the connection.
    buffer_format(&conn->out, "%s %s HTTP/1.0\r\nHost: %s:%d\r\nContent-Length: 0\r\n\r\n", method, path,
                  host, port);
}
