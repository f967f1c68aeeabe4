#include "http.h"
#include "net.h"
#include <ctype.h>

static struct slice trimmed(const char *from, const char *to) {
    while (from < to && (*from == ' ' || *from == '\t'))
        from++;
    while (to > from && (to[-1] == ' ' || to[-1] == '\t' || to[-1] == '\r'))
        to--;
    return (struct slice){from, (size_t)(to - from)};
}

// Whether a comma-separated header value contains a word.
static bool lists(struct slice value, struct slice word) {
    const char *end = value.data + value.length;
    for (const char *at = value.data; at < end;) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *stop = comma ? comma : end;
        if (slice_equal_ignoring_case(trimmed(at, stop), word))
            return true;
        at = stop + 1;
    }
    return false;
}

static bool parse_length(struct slice value, uint64_t *length) {
    uint64_t total = 0;
    for (size_t i = 0; i < value.length; i++) {
        if (!isdigit((unsigned char)value.data[i]) || total > (UINT64_MAX >> 8) / 10)
            return false;
        total = total * 10 + (uint64_t)(value.data[i] - '0');
    }
    *length = total;
    return value.length > 0;
}

static bool is_token(struct slice name) {
    static const bool allowed[256] = {
        ['0' ... '9'] = true, ['A' ... 'Z'] = true, ['a' ... 'z'] = true, ['!'] = true,  ['#'] = true,
        ['$'] = true,         ['%'] = true,         ['&'] = true,         ['\''] = true, ['*'] = true,
        ['+'] = true,         ['-'] = true,         ['.'] = true,         ['^'] = true,  ['_'] = true,
        ['`'] = true,         ['|'] = true,         ['~'] = true,
    };
    for (size_t i = 0; i < name.length; i++)
        if (!allowed[(unsigned char)name.data[i]])
            return false;
    return name.length > 0;
}

static int parse_request_line(const char *line, const char *end, struct http_request *request) {
    if (end > line && end[-1] == '\r')
        end--;
    const char *first = memchr(line, ' ', (size_t)(end - line));
    const char *second = first ? memchr(first + 1, ' ', (size_t)(end - first - 1)) : NULL;
    if (!second)
        return -400;
    request->method = (struct slice){line, (size_t)(first - line)};
    request->target = (struct slice){first + 1, (size_t)(second - first - 1)};
    struct slice version = {second + 1, (size_t)(end - second - 1)};
    if (!is_token(request->method) || request->target.length == 0 || request->target.data[0] != '/')
        return -400;
    if (!slice_is(version, "HTTP/1.1") && !slice_is(version, "HTTP/1.0"))
        return slice_starts(version, "HTTP/") ? -505 : -400;
    request->head = slice_is(request->method, "HEAD");
    request->old = slice_is(version, "HTTP/1.0");
    request->keep_alive = !request->old;
    return 0;
}

// Looks at the header fields that matter here. Anything that two parties could understand differently is
// refused.
static int parse_field(const char *line, const char *end, struct http_request *request, bool *has_length) {
    const char *colon = memchr(line, ':', (size_t)(end - line));
    struct slice name = {line, colon ? (size_t)(colon - line) : 0};
    if (!is_token(name))
        return -400;
    struct slice value = trimmed(colon + 1, end);
    if (slice_is_ignoring_case(name, "content-length")) {
        uint64_t length;
        if (!parse_length(value, &length) || (*has_length && length != request->content_length))
            return -400;
        request->content_length = length;
        *has_length = true;
    } else if (slice_is_ignoring_case(name, "transfer-encoding")) {
        return -501;
    } else if (slice_is_ignoring_case(name, "connection")) {
        if (lists(value, slice_of("close")))
            request->keep_alive = false;
        else if (lists(value, slice_of("keep-alive")))
            request->keep_alive = true;
    } else if (slice_is_ignoring_case(name, "expect")) {
        request->expects_continue = slice_is_ignoring_case(value, "100-continue");
    }
    return 0;
}

int http_parse_head(const char *data, size_t length, struct http_request *request) {
    *request = (struct http_request){0};
    const char *at = data, *limit = data + (length < HTTP_HEAD_LIMIT ? length : HTTP_HEAD_LIMIT);
    bool first = true, has_length = false;
    while (at < limit) {
        const char *end = memchr(at, '\n', (size_t)(limit - at));
        if (!end)
            break;
        bool empty = end == at || (end == at + 1 && *at == '\r');
        int refusal = 0;
        if (first && !empty) {
            refusal = parse_request_line(at, end, request);
            first = false;
        } else if (!first && empty) {
            return (int)(end + 1 - data);
        } else if (!empty) { // empty lines before a request are skipped, as the standard asks
            refusal = parse_field(at, end, request, &has_length);
        }
        if (refusal < 0)
            return refusal;
        at = end + 1;
    }
    return length >= HTTP_HEAD_LIMIT ? -431 : 0;
}

static int hex_digit(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

bool http_decode(struct slice part, char *into, size_t size) {
    size_t used = 0;
    for (size_t i = 0; i < part.length; i++) {
        int c = (unsigned char)part.data[i];
        if (c == '%') {
            int high = i + 2 < part.length ? hex_digit(part.data[i + 1]) : -1;
            int low = high >= 0 ? hex_digit(part.data[i + 2]) : -1;
            if (low < 0)
                return false;
            c = high * 16 + low;
            i += 2;
        }
        if (c == 0 || used + 1 >= size)
            return false;
        into[used++] = (char)c;
    }
    into[used] = '\0';
    return true;
}

static const char *reason_of(int status) {
    switch (status) {
    case 200:
        return "OK";
    case 201:
        return "Created";
    case 204:
        return "No Content";
    case 400:
        return "Bad Request";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 413:
        return "Content Too Large";
    case 431:
        return "Request Header Fields Too Large";
    case 501:
        return "Not Implemented";
    case 502:
        return "Bad Gateway";
    case 503:
        return "Service Unavailable";
    case 504:
        return "Gateway Timeout";
    case 505:
        return "HTTP Version Not Supported";
    default:
        return status < 400 ? "OK" : "Error";
    }
}

static void append_number(struct buffer *buffer, uint64_t number) {
    char digits[20];
    size_t at = sizeof digits;
    do
        digits[--at] = (char)('0' + number % 10);
    while (number /= 10);
    buffer_append(buffer, digits + at, sizeof digits - at);
}

void http_begin(struct http_exchange *exchange, int status, const char *type, uint64_t length,
                const char *headers) {
    if (!exchange->conn)
        return;
    // A client that waits for "100 Continue" and gets an answer instead may or may not send its body: there
    // is no telling where its next request would begin.
    if (exchange->body_left > 0 && exchange->request.expects_continue && !exchange->body) {
        exchange->request.keep_alive = false;
        exchange->body_left = 0;
    }
    // Who keeps asking is told to ask somebody else; without that the connection would be cut off in the end.
    if (loop_ending())
        exchange->request.keep_alive = false;
    struct buffer *out = &exchange->conn->out;
    buffer_text(out, "HTTP/1.1 ");
    append_number(out, (uint64_t)status);
    buffer_text(out, " ");
    buffer_text(out, reason_of(status));
    buffer_text(out, "\r\nContent-Type: ");
    buffer_text(out, type);
    buffer_text(out, "\r\nContent-Length: ");
    append_number(out, length);
    buffer_text(out, "\r\n");
    buffer_text(out, headers);
    if (!exchange->request.keep_alive)
        buffer_text(out, "Connection: close\r\n");
    else if (exchange->request.old)
        buffer_text(out, "Connection: keep-alive\r\n");
    buffer_text(out, "\r\n");
}

// The next request is handled once this one is answered and its body has gone by.
static void settle(struct http_exchange *exchange) {
    if (exchange->state != HTTP_ANSWERED || exchange->body_left > 0)
        return;
    exchange->state = HTTP_IDLE;
    if (!exchange->request.keep_alive)
        conn_finish(exchange->conn);
}

void http_end(struct http_exchange *exchange) {
    if (!exchange->conn) {
        free(exchange);
        return;
    }
    exchange->state = HTTP_ANSWERED;
    settle(exchange);
    if (!exchange->handling)
        conn_resume(exchange->conn);
}

void http_answer(struct http_exchange *exchange, int status, const char *type, const void *body,
                 size_t length) {
    http_begin(exchange, status, type, length, "");
    if (exchange->conn && !exchange->request.head)
        buffer_append(&exchange->conn->out, body, length);
    http_end(exchange);
}

void http_answer_text(struct http_exchange *exchange, int status, const char *type, const char *text) {
    http_answer(exchange, status, type, text, strlen(text));
}

bool http_allow(struct http_exchange *exchange, const char *methods) {
    if (lists(slice_of(methods), exchange->request.method))
        return true;
    static const char body[] = "method not allowed\n";
    char allow[64];
    snprintf(allow, sizeof allow, "Allow: %s\r\n", methods);
    http_begin(exchange, 405, "text/plain", sizeof body - 1, allow);
    buffer_text(&exchange->conn->out, body);
    http_end(exchange);
    return false;
}

void http_take_body(struct http_exchange *exchange,
                    void (*body)(struct http_exchange *, const char *, size_t)) {
    exchange->body = body;
    if (exchange->body_left > 0 && exchange->request.expects_continue)
        buffer_text(&exchange->conn->out, "HTTP/1.1 100 Continue\r\n\r\n");
}

static size_t receive_body(struct http_exchange *exchange, const char *data, size_t length) {
    size_t part = length < exchange->body_left ? length : (size_t)exchange->body_left;
    exchange->body_left -= part;
    if (exchange->body) {
        exchange->body(exchange, data, part);
        if (exchange->body_left == 0)
            exchange->body(exchange, data, 0);
    }
    if (exchange->state == HTTP_ANSWERED)
        settle(exchange);
    return part;
}

static size_t receive_head(struct http_exchange *exchange, const char *data, size_t length) {
    int head = http_parse_head(data, length, &exchange->request);
    if (head == 0)
        return 0;
    exchange->state = HTTP_OPEN;
    exchange->body = NULL;
    exchange->gone = NULL;
    exchange->context = NULL;
    exchange->body_left = 0;
    if (head < 0) {
        exchange->request = (struct http_request){0};
        http_answer_text(exchange, -head, "text/plain", "this is not a request that can be served\n");
        return length;
    }
    exchange->body_left = exchange->request.content_length;
    exchange->handler(exchange);
    if (exchange->body && exchange->body_left == 0)
        exchange->body(exchange, data, 0);
    return (size_t)head;
}

static size_t server_received(struct conn *conn, const char *data, size_t length) {
    struct http_exchange *exchange = conn->context;
    size_t used = 0;
    exchange->handling = true;
    if (exchange->body_left > 0)
        used = receive_body(exchange, data, length);
    else if (exchange->state == HTTP_IDLE)
        used = receive_head(exchange, data, length);
    exchange->handling = false;
    return used;
}

// A client may finish sending and still wait for its answers.
static void server_ended(struct conn *conn) {
    struct http_exchange *exchange = conn->context;
    if (exchange->state != HTTP_OPEN || exchange->body_left > 0)
        conn_finish(conn);
}

static void server_closed(struct conn *conn) {
    struct http_exchange *exchange = conn->context;
    bool receiving = exchange->body && exchange->body_left > 0;
    exchange->conn = NULL;
    if (exchange->gone)
        exchange->gone(exchange);
    // An answer that is still due comes later, and http_end then ends the exchange.
    if (exchange->state != HTTP_OPEN || receiving)
        free(exchange);
}

void http_accept(struct conn *conn, http_handler *handler) {
    struct http_exchange *exchange = calloc(1, sizeof *exchange);
    if (!exchange) {
        conn_close(conn);
        return;
    }
    exchange->conn = conn;
    exchange->handler = handler;
    conn->context = exchange;
    conn->received = server_received;
    conn->ended = server_ended;
    conn->closed = server_closed;
}
