// A JSON API over HTTP that counts visits in the store. It keeps one connection to the store, on which the
// commands of all clients follow each other, and opens a new one when that is gone, so the store may restart
// at any time.
#include "../shared/http.h"
#include "../shared/net.h"
#include "../shared/resp.h"
#include <inttypes.h>

enum { STORE_TIMEOUT_MILLISECONDS = 2000 };

static const char JSON[] = "application/json";
static const char COUNTER[] = "visits";

// The requests whose replies are still due, in the order of their commands.
struct waiting {
    struct http_exchange *exchange;
    struct waiting *next;
};

static struct net_address store_address;
static struct conn *store; // NULL while there is no connection
static struct waiting *first, **last = &first;

static void answer_unavailable(struct http_exchange *exchange, const char *reason) {
    char text[256];
    snprintf(text, sizeof text, "{\"error\":\"the store cannot be reached: %s\"}\n", reason);
    http_answer_text(exchange, 503, JSON, text);
}

static struct http_exchange *next_waiting(void) {
    struct waiting *waiting = first;
    struct http_exchange *exchange = waiting->exchange;
    first = waiting->next;
    if (!first)
        last = &first;
    free(waiting);
    return exchange;
}

static void answer(struct http_exchange *exchange, const struct resp_reply *reply) {
    int64_t visits = 0;
    bool counted = reply->kind == RESP_NIL;
    if (reply->kind == RESP_INTEGER) {
        visits = reply->integer;
        counted = true;
    } else if (reply->kind == RESP_BULK) {
        counted = resp_parse_integer(reply->text, &visits);
    }
    char text[64];
    snprintf(text, sizeof text, "{\"visits\":%" PRId64 "}\n", visits);
    if (counted)
        http_answer_text(exchange, 200, JSON, text);
    else
        http_answer_text(exchange, 502, JSON,
                         "{\"error\":\"the store holds something else than a number of visits\"}\n");
}

static size_t store_received(struct conn *conn, const char *data, size_t length) {
    struct resp_reply reply;
    int64_t used = resp_parse_reply(data, length, &reply);
    if (used < 0 || (used > 0 && !first)) {
        fprintf(stderr, "api: the store sent something that is not a reply\n");
        conn_close(conn);
        return 0;
    }
    if (used > 0) {
        answer(next_waiting(), &reply);
        conn->deadline = first ? loop_now() + STORE_TIMEOUT_MILLISECONDS : 0;
    }
    return (size_t)used;
}

// Whether the commands of those who still wait were carried out is not known, so nothing is repeated.
static void store_closed(struct conn *conn) {
    bool late = conn->deadline && conn->deadline <= loop_now();
    store = NULL;
    if (first)
        fprintf(stderr, "api: lost the store: %s\n", late ? "no reply in time" : "the connection was closed");
    while (first)
        answer_unavailable(next_waiting(), late ? "no reply in time" : "the connection was closed");
}

// NULL when there is a connection, else why there is none.
static const char *connect_store(void) {
    if (store && !store->finishing)
        return NULL;
    int fd = net_connect(store_address.host, store_address.port);
    if (fd < 0 || net_nonblocking(fd) < 0) {
        const char *reason = strerror(errno);
        if (fd >= 0)
            close(fd);
        return reason;
    }
    store = loop_add(fd);
    if (!store)
        return "too many connections";
    store->received = store_received;
    store->closed = store_closed;
    return NULL;
}

static void ask_store(struct http_exchange *exchange, const char *command) {
    const char *reason = connect_store();
    struct waiting *waiting = reason ? NULL : malloc(sizeof *waiting);
    if (!waiting) {
        answer_unavailable(exchange, reason ? reason : "out of memory");
        return;
    }
    *waiting = (struct waiting){exchange, NULL};
    *last = waiting;
    last = &waiting->next;
    resp_command(&store->out, (struct slice[]){slice_of(command), slice_of(COUNTER)}, 2);
    if (!store->deadline)
        store->deadline = loop_now() + STORE_TIMEOUT_MILLISECONDS;
}

static void handle(struct http_exchange *exchange) {
    struct slice path = exchange->request.target;
    if (slice_is(path, "/visits")) {
        if (http_allow(exchange, "GET, HEAD, POST"))
            ask_store(exchange, slice_is(exchange->request.method, "POST") ? "INCR" : "GET");
    } else if (!slice_is(path, "/") && !slice_is(path, "/health")) {
        http_answer_text(exchange, 404, JSON, "{\"error\":\"no such resource\"}\n");
    } else if (http_allow(exchange, "GET, HEAD")) {
        http_answer_text(
            exchange, 200, JSON,
            slice_is(path, "/")
                ? "{\"service\":\"api\",\"resources\":{\"GET /health\":\"whether this service works\","
                  "\"GET /visits\":\"the number of visits\","
                  "\"POST /visits\":\"one visit more\"}}\n"
                : "{\"status\":\"ok\"}\n");
    }
}

static void accepted(struct conn *conn) {
    http_accept(conn, handle);
}

int main(int argc, char **argv) {
    int port = net_listen_port(argc, argv);
    store_address = net_address("STORE", "store:8080");
    loop_serve(port, &(struct loop){.accepted = accepted});
}
