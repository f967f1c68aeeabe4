#include "resp.h"
#include <ctype.h>
#include <inttypes.h>

bool resp_parse_integer(struct slice text, int64_t *number) {
    bool negative = text.length > 0 && text.data[0] == '-';
    size_t at = negative;
    if (at == text.length || (text.data[at] == '0' && text.length > 1))
        return false;
    uint64_t limit = (uint64_t)INT64_MAX + negative, total = 0;
    for (; at < text.length; at++) {
        uint64_t digit = (uint64_t)(text.data[at] - '0');
        if (!isdigit((unsigned char)text.data[at]) || total > (limit - digit) / 10)
            return false;
        total = total * 10 + digit;
    }
    *number = negative ? (int64_t)(0 - total) : (int64_t)total;
    return true;
}

// Finds the line that begins at the data; false when its end is not there yet.
static bool parse_line(const char *data, size_t length, struct slice *line, size_t *used) {
    const char *end = length > 0 ? memchr(data, '\n', length) : NULL;
    if (!end)
        return false;
    *used = (size_t)(end - data) + 1;
    *line = (struct slice){data, *used - 1};
    if (line->length > 0 && data[line->length - 1] == '\r')
        line->length--;
    return true;
}

// The arguments of the command that is being parsed; kept, so that parsing allocates only when it grows.
static struct slice *arguments;
static size_t capacity;

static struct slice *next_argument(struct resp_command *command) {
    if (command->count == capacity) {
        capacity = capacity ? capacity * 2 : 16;
        arguments = realloc(arguments, capacity * sizeof *arguments);
        if (!arguments) {
            fputs("out of memory\n", stderr);
            exit(1);
        }
    }
    command->arguments = arguments;
    return &arguments[command->count++];
}

static int hex_value(char c) {
    return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

// One character after a backslash in double quotes; advances over it.
static char unescape(const char **at, const char *end) {
    const char *c = *at;
    if (*c == 'x' && end - c > 2 && isxdigit((unsigned char)c[1]) && isxdigit((unsigned char)c[2])) {
        *at += 3;
        return (char)(hex_value(c[1]) * 16 + hex_value(c[2]));
    }
    *at += 1;
    return *c == 'n' ? '\n' : *c == 'r' ? '\r' : *c == 't' ? '\t' : *c == 'b' ? '\b' : *c == 'a' ? '\a' : *c;
}

// Splits a line into words; quotes keep a word together as they do in a shell. False if a quote is not
// closed.
static bool split_line(struct slice line, struct resp_command *command) {
    static char unquoted[RESP_INLINE_LIMIT];
    char *to = unquoted;
    const char *at = line.data, *end = line.data + line.length;
    for (;;) {
        while (at < end && isspace((unsigned char)*at))
            at++;
        if (at == end)
            return true;
        char *word = to;
        char quote = '\0';
        for (; at < end && (quote || !isspace((unsigned char)*at));) {
            char c = *at++;
            if (quote == '"' && c == '\\' && at < end)
                *to++ = unescape(&at, end);
            else if (quote == '\'' && c == '\\' && at < end && *at == '\'')
                *to++ = *at++;
            else if (quote && c == quote) {
                if (at < end && !isspace((unsigned char)*at))
                    return false;
                quote = '\0';
            } else if (!quote && to == word && (c == '"' || c == '\''))
                quote = c;
            else
                *to++ = c;
        }
        if (quote)
            return false;
        *next_argument(command) = (struct slice){word, (size_t)(to - word)};
    }
}

static int64_t parse_inline(const char *data, size_t length, struct resp_command *command,
                            const char **reason) {
    struct slice line;
    size_t used = 0;
    bool complete = parse_line(data, length, &line, &used);
    if (complete ? used > RESP_INLINE_LIMIT : length >= RESP_INLINE_LIMIT) {
        *reason = "Protocol error: too big inline request";
        return -1;
    }
    if (complete && !split_line(line, command)) {
        *reason = "Protocol error: unbalanced quotes in request";
        return -1;
    }
    return (int64_t)used;
}

// Reads "<mark><number>" at an offset. 1 with the number, 0 when incomplete, -1 when it is not that.
static int parse_count(const char *data, size_t length, size_t *at, int64_t *number) {
    enum { LONGEST = 32 };
    struct slice line;
    size_t used;
    if (!parse_line(data + *at, length - *at, &line, &used))
        return length - *at > LONGEST ? -1 : 0;
    line.data++;
    line.length--;
    *at += used;
    return resp_parse_integer(line, number) ? 1 : -1;
}

int64_t resp_parse_command(const char *data, size_t length, struct resp_command *command,
                           const char **reason) {
    *command = (struct resp_command){0};
    if (length == 0)
        return 0;
    if (data[0] != '*')
        return parse_inline(data, length, command, reason);
    size_t at = 0;
    int64_t count, size;
    int state = parse_count(data, length, &at, &count);
    if (state < 0 || (state > 0 && count > RESP_ARGUMENTS_LIMIT)) {
        *reason = "Protocol error: invalid multibulk length";
        return -1;
    }
    for (int64_t i = 0; state > 0 && i < count; i++) {
        if (at == length)
            return 0;
        if (data[at] != '$') {
            static char expected[] = "Protocol error: expected '$', got 'x'";
            expected[sizeof expected - 3] = isprint((unsigned char)data[at]) ? data[at] : '?';
            *reason = expected;
            return -1;
        }
        state = parse_count(data, length, &at, &size);
        if (state < 0 || (state > 0 && (size < 0 || size > RESP_BULK_LIMIT))) {
            *reason = "Protocol error: invalid bulk length";
            return -1;
        }
        if (state > 0 && at + (size_t)size + 2 > RESP_COMMAND_LIMIT) {
            *reason = "Protocol error: the command is too large";
            return -1;
        }
        if (state == 0 || length - at < (size_t)size + 2)
            return 0;
        *next_argument(command) = (struct slice){data + at, (size_t)size};
        at += (size_t)size;
        if (data[at] != '\r' || data[at + 1] != '\n') {
            *reason = "Protocol error: a bulk string is longer than announced";
            return -1;
        }
        at += 2;
    }
    return state > 0 ? (int64_t)at : 0;
}

void resp_status(struct buffer *out, const char *text) {
    buffer_format(out, "+%s\r\n", text);
}

void resp_error(struct buffer *out, const char *text) {
    buffer_format(out, "-%s\r\n", text);
}

void resp_integer(struct buffer *out, int64_t number) {
    buffer_format(out, ":%" PRId64 "\r\n", number);
}

void resp_bulk(struct buffer *out, struct slice bytes) {
    buffer_format(out, "$%zu\r\n", bytes.length);
    buffer_append(out, bytes.data, bytes.length);
    buffer_append(out, "\r\n", 2);
}

void resp_nil(struct buffer *out) {
    buffer_text(out, "$-1\r\n");
}

void resp_array(struct buffer *out, size_t count) {
    buffer_format(out, "*%zu\r\n", count);
}

void resp_command(struct buffer *out, const struct slice *items, size_t count) {
    resp_array(out, count);
    for (size_t i = 0; i < count; i++)
        resp_bulk(out, items[i]);
}
