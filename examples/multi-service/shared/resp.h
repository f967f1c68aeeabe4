// RESP, the protocol of Redis (https://redis.io/docs/reference/protocol-spec), as far as a key-value store
// needs it: commands to read and to keep, and replies to write.
#ifndef RESP_H
#define RESP_H

#include "buffer.h"
#include "slice.h"
#include <stdint.h>

enum {
    RESP_BULK_LIMIT = 512 * 1024,          // one argument
    RESP_INLINE_LIMIT = 64 * 1024,         // a command typed by hand
    RESP_ARGUMENTS_LIMIT = 64 * 1024,      // the number of arguments
    RESP_COMMAND_LIMIT = 16 * 1024 * 1024, // all of a command
};

// The arguments point into the input, or into memory that the next parsed command reuses.
struct resp_command {
    struct slice *arguments;
    size_t count;
};

// Reads a command from the front of the input. Returns how many bytes it takes, 0 when it is not complete
// yet, or -1 with the reason when it cannot be one. An empty command has a count of 0.
int64_t resp_parse_command(const char *data, size_t length, struct resp_command *command,
                           const char **reason);

// Reads a decimal number as Redis does: no sign but '-', no leading zeros, nothing else around it.
bool resp_parse_integer(struct slice text, int64_t *number);

void resp_status(struct buffer *out, const char *text);
void resp_error(struct buffer *out, const char *text);
void resp_integer(struct buffer *out, int64_t number);
void resp_bulk(struct buffer *out, struct slice bytes);
void resp_nil(struct buffer *out);
void resp_array(struct buffer *out, size_t count); // followed by so many replies
void resp_command(struct buffer *out, const struct slice *arguments, size_t count);

#endif
