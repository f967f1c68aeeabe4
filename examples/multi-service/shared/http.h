// HTTP/1.1 on the event loop: a server with keep-alive and pipelining, and a small client for calls between
// services.
#ifndef HTTP_H
#define HTTP_H

#include "loop.h"
#include "slice.h"

enum { HTTP_HEAD_LIMIT = 16 * 1024 };

struct http_request {
    struct slice method, target;
    uint64_t content_length;
    bool head, old, keep_alive, expects_continue; // old: HTTP/1.0
};

// One connection's present request and the answer to it. It stays valid until it is answered, even when the
// client goes away meanwhile; the request's slices only until the handler returns.
struct http_exchange {
    struct conn *conn; // NULL once the client is gone
    struct http_request request;
    uint64_t body_left; // bytes of the body that have not arrived yet
    void *context;      // the handler's
    // Set by a handler that must know: the connection is closed.
    void (*gone)(struct http_exchange *);

    // The rest is the server's own.
    void (*handler)(struct http_exchange *);
    void (*body)(struct http_exchange *, const char *data, size_t length);
    enum { HTTP_IDLE, HTTP_OPEN, HTTP_ANSWERED } state;
    bool handling;
};

// Handles requests on connections of the loop: give it to `accepted` of the loop.
typedef void http_handler(struct http_exchange *);
void http_accept(struct conn *conn, http_handler *handler);

// Answers; now or later, once per exchange. A HEAD request gets the head alone.
void http_answer(struct http_exchange *exchange, int status, const char *type, const void *body,
                 size_t length);
void http_answer_text(struct http_exchange *exchange, int status, const char *type, const char *text);

// For a handler that wants the request's body: `body` is called with each piece as it arrives, and at last
// with a length of 0. The request must be answered by then. Without this the body is dropped.
void http_take_body(struct http_exchange *exchange,
                    void (*body)(struct http_exchange *, const char *, size_t));

// Begins an answer whose body of the announced length the handler appends to the connection's output itself;
// then http_end. `headers` are further header lines, each ended by CR LF.
void http_begin(struct http_exchange *exchange, int status, const char *type, uint64_t length,
                const char *headers);
void http_end(struct http_exchange *exchange);

// Answers 405 and returns false unless the method is among those given, separated by ", ".
bool http_allow(struct http_exchange *exchange, const char *methods);

// Reads a head from the front of the input. Returns its length, 0 when it is not complete yet, or the negated
// status of the refusal.
int http_parse_head(const char *data, size_t length, struct http_request *request);

// Decodes %XX of a path's part into a terminated string; false if it is malformed, holds a NUL or does not
// fit.
bool http_decode(struct slice part, char *into, size_t size);

// What a call to another service came to: `status` is 0 when there was no proper answer, and `reason` says
// why.
struct http_result {
    int status;
    const char *reason;
    struct slice body;
};

// Sends a request without a body and calls back, once, with the answer or the failure.
typedef void http_done(void *context, const struct http_result *result);
void http_call(const char *method, const char *host, int port, const char *path, int timeout_milliseconds,
               http_done *done, void *context);

#endif
