#include "commands.h"
#include "table.h"
#include <ctype.h>

// Ordered by how often they are asked for, because they are found by looking at one after the other.
const struct command commands[] = {
    {"get", 2, READS | FAST, 1, 1, 1, run_get},
    {"set", -3, WRITES, 1, 1, 1, run_set},
    {"incr", 2, WRITES | FAST, 1, 1, 1, run_incr},
    {"mget", -2, READS | FAST, 1, -1, 1, run_mget},
    {"del", -2, WRITES, 1, -1, 1, run_del},
    {"ping", -1, FAST, 0, 0, 0, run_ping},
    {"exists", -2, READS | FAST, 1, -1, 1, run_exists},
    {"decr", 2, WRITES | FAST, 1, 1, 1, run_decr},
    {"incrby", 3, WRITES | FAST, 1, 1, 1, run_incrby},
    {"decrby", 3, WRITES | FAST, 1, 1, 1, run_decrby},
    {"expire", 3, WRITES | FAST, 1, 1, 1, run_expire},
    {"pexpire", 3, WRITES | FAST, 1, 1, 1, run_pexpire},
    {"ttl", 2, READS | FAST, 1, 1, 1, run_ttl},
    {"pttl", 2, READS | FAST, 1, 1, 1, run_pttl},
    {"persist", 2, WRITES | FAST, 1, 1, 1, run_persist},
    {"type", 2, READS | FAST, 1, 1, 1, run_type},
    {"keys", 2, READS, 0, 0, 0, run_keys},
    {"dbsize", 1, READS | FAST, 0, 0, 0, run_dbsize},
    {"flushall", -1, WRITES, 0, 0, 0, run_flushall},
    {"echo", 2, FAST, 0, 0, 0, run_echo},
    {"select", 2, FAST, 0, 0, 0, run_select},
    {"hello", -1, FAST, 0, 0, 0, run_hello},
    {"client", -2, 0, 0, 0, 0, run_client},
    {"command", -1, 0, 0, 0, 0, run_command},
    {"config", -2, 0, 0, 0, 0, run_config},
    {"info", -1, 0, 0, 0, 0, run_info},
    {"quit", -1, FAST, 0, 0, 0, run_quit},
};
const size_t command_count = sizeof commands / sizeof *commands;

struct statistics statistics;

const struct command *command_find(struct slice name) {
    for (size_t i = 0; i < command_count; i++)
        if (slice_is_ignoring_case(name, commands[i].name))
            return &commands[i];
    return NULL;
}

// Appends a piece of what the client sent to an error, which is one line of limited length.
static void append_quoted(struct buffer *to, struct slice text, size_t limit) {
    for (size_t i = 0; i < text.length && i < limit; i++)
        buffer_append(to, text.data[i] == '\r' || text.data[i] == '\n' ? " " : text.data + i, 1);
}

static void reply_unknown(struct request *request) {
    enum { LIMIT = 128 };
    buffer_text(request->out, "-ERR unknown command '");
    append_quoted(request->out, request->words[0], LIMIT);
    buffer_text(request->out, "', with args beginning with: ");
    size_t before = request->out->length;
    for (size_t i = 1; i < request->count && request->out->length - before < LIMIT; i++) {
        buffer_text(request->out, "'");
        append_quoted(request->out, request->words[i], LIMIT);
        buffer_text(request->out, "' ");
    }
    buffer_text(request->out, "\r\n");
}

// The bound on what the keys and values may take; MAXMEMORY in the environment sets another, in bytes.
static size_t memory_limit(void) {
    static size_t limit;
    if (limit == 0) {
        const char *text = getenv("MAXMEMORY");
        int64_t bytes;
        limit = text && resp_parse_integer(slice_of(text), &bytes) && bytes > 0 && bytes <= UINT32_MAX
                    ? (size_t)bytes
                    : (size_t)256 * 1024 * 1024;
    }
    return limit;
}

void command_run(struct request *request) {
    const struct command *command = command_find(request->words[0]);
    statistics.commands_processed++;
    if (!command)
        reply_unknown(request);
    else if (command->arity > 0 ? request->count != (size_t)command->arity
                                : request->count < (size_t)-command->arity)
        buffer_format(request->out, "-ERR wrong number of arguments for '%s' command\r\n", command->name);
    else if (command->run == run_set && table_bytes() > memory_limit())
        resp_error(request->out, "OOM command not allowed when used memory > 'maxmemory'.");
    else
        command->run(request);
}
