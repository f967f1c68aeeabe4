#include "commands.h"
#include "journal.h"
#include "table.h"
#include <inttypes.h>

// Client libraries look at the version to know which commands they may use.
static const char REDIS_VERSION[] = "7.0.0";

static void reply_text(struct buffer *out, const char *text) {
    resp_bulk(out, slice_of(text));
}

static void reply_wrong_arity(struct request *request, const char *command) {
    buffer_format(request->out, "-ERR wrong number of arguments for '%s' command\r\n", command);
}

static void reply_unknown_subcommand(struct request *request, const char *command) {
    int length = request->words[1].length > 128 ? 128 : (int)request->words[1].length;
    buffer_format(request->out, "-ERR unknown subcommand '%.*s'. Try %s HELP.\r\n", length,
                  request->words[1].data, command);
}

void run_ping(struct request *request) {
    if (request->count == 1)
        resp_status(request->out, "PONG");
    else if (request->count == 2)
        resp_bulk(request->out, request->words[1]);
    else
        reply_wrong_arity(request, "ping");
}

void run_echo(struct request *request) {
    resp_bulk(request->out, request->words[1]);
}

void run_quit(struct request *request) {
    resp_status(request->out, "OK");
    conn_finish(request->client->conn);
}

void run_select(struct request *request) {
    int64_t index;
    if (!resp_parse_integer(request->words[1], &index))
        resp_error(request->out, "ERR value is not an integer or out of range");
    else if (index != 0)
        resp_error(request->out, "ERR DB index is out of range");
    else
        resp_status(request->out, "OK");
}

// False, after an error reply, if a name would break the lines it is printed in.
static bool rename_client(struct request *request, struct slice name) {
    bool printable = name.length < sizeof request->client->name;
    for (size_t i = 0; i < name.length; i++)
        printable = printable && name.data[i] > ' ' && name.data[i] < 127;
    if (!printable) {
        resp_error(request->out, "ERR Client names cannot contain spaces, newlines or special characters.");
        return false;
    }
    memcpy(request->client->name, name.data, name.length);
    request->client->name[name.length] = '\0';
    return true;
}

void run_hello(struct request *request) {
    int64_t version = 2;
    if (request->count > 1 && !resp_parse_integer(request->words[1], &version)) {
        resp_error(request->out, "ERR Protocol version is not an integer or out of range");
        return;
    }
    if (version != 2) {
        resp_error(request->out, "NOPROTO unsupported protocol version");
        return;
    }
    for (size_t i = 2; i < request->count; i += 2) {
        bool named = slice_is_ignoring_case(request->words[i], "SETNAME") && i + 1 < request->count;
        if (!named) {
            resp_error(request->out, "ERR Syntax error in HELLO");
            return;
        }
        if (!rename_client(request, request->words[i + 1]))
            return;
    }
    resp_array(request->out, 14);
    reply_text(request->out, "server");
    reply_text(request->out, "redis");
    reply_text(request->out, "version");
    reply_text(request->out, REDIS_VERSION);
    reply_text(request->out, "proto");
    resp_integer(request->out, 2);
    reply_text(request->out, "id");
    resp_integer(request->out, request->client->id);
    reply_text(request->out, "mode");
    reply_text(request->out, "standalone");
    reply_text(request->out, "role");
    reply_text(request->out, "master");
    reply_text(request->out, "modules");
    resp_array(request->out, 0);
}

void run_client(struct request *request) {
    struct slice what = request->words[1];
    if (slice_is_ignoring_case(what, "SETNAME") && request->count == 3) {
        if (rename_client(request, request->words[2]))
            resp_status(request->out, "OK");
    } else if (slice_is_ignoring_case(what, "GETNAME") && request->count == 2) {
        if (*request->client->name)
            reply_text(request->out, request->client->name);
        else
            resp_nil(request->out);
    } else if (slice_is_ignoring_case(what, "SETINFO") && request->count == 4) {
        resp_status(request->out, "OK"); // the library's name and version, which nothing here asks for
    } else if (slice_is_ignoring_case(what, "ID") && request->count == 2) {
        resp_integer(request->out, request->client->id);
    } else if (slice_is_ignoring_case(what, "INFO") && request->count == 2) {
        char line[128];
        snprintf(line, sizeof line, "id=%" PRId64 " name=%s db=0 resp=2\n", request->client->id,
                 request->client->name);
        reply_text(request->out, line);
    } else {
        reply_unknown_subcommand(request, "CLIENT");
    }
}

static void describe(struct buffer *out, const struct command *command) {
    static const struct {
        int flag;
        const char *name;
    } flags[] = {{READS, "readonly"}, {WRITES, "write"}, {FAST, "fast"}};
    resp_array(out, 6);
    reply_text(out, command->name);
    resp_integer(out, command->arity);
    size_t set = 0;
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        set += (command->flags & flags[i].flag) != 0;
    resp_array(out, set);
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (command->flags & flags[i].flag)
            resp_status(out, flags[i].name);
    resp_integer(out, command->first_key);
    resp_integer(out, command->last_key);
    resp_integer(out, command->step);
}

// redis-cli asks for all of them at its start, to complete what is typed.
void run_command(struct request *request) {
    if (request->count == 1) {
        resp_array(request->out, command_count);
        for (size_t i = 0; i < command_count; i++)
            describe(request->out, &commands[i]);
    } else if (slice_is_ignoring_case(request->words[1], "COUNT") && request->count == 2) {
        resp_integer(request->out, (int64_t)command_count);
    } else if (slice_is_ignoring_case(request->words[1], "DOCS")) {
        resp_array(request->out, 0);
    } else if (slice_is_ignoring_case(request->words[1], "INFO")) {
        resp_array(request->out, request->count - 2);
        for (size_t i = 2; i < request->count; i++) {
            const struct command *command = command_find(request->words[i]);
            if (command)
                describe(request->out, command);
            else
                buffer_text(request->out, "*-1\r\n");
        }
    } else {
        reply_unknown_subcommand(request, "COMMAND");
    }
}

void run_config(struct request *request) {
    if (!slice_is_ignoring_case(request->words[1], "GET"))
        reply_unknown_subcommand(request, "CONFIG");
    else if (request->count < 3)
        reply_wrong_arity(request, "config|get");
    else
        resp_array(request->out, 0); // there is nothing to configure
}

static bool wants(struct request *request, const char *section) {
    bool all = request->count == 1;
    for (size_t i = 1; i < request->count && !all; i++)
        all = slice_is_ignoring_case(request->words[i], section) ||
              slice_is_ignoring_case(request->words[i], "all") ||
              slice_is_ignoring_case(request->words[i], "default") ||
              slice_is_ignoring_case(request->words[i], "everything");
    return all;
}

void run_info(struct request *request) {
    struct buffer text = {0};
    if (wants(request, "server"))
        buffer_format(&text,
                      "# Server\r\nredis_version:%s\r\nredis_mode:standalone\r\nos:WASI preview 1\r\n"
                      "uptime_in_seconds:%" PRId64 "\r\n\r\n",
                      REDIS_VERSION, (wall_clock() - statistics.started) / 1000);
    if (wants(request, "clients"))
        buffer_format(&text, "# Clients\r\nconnected_clients:%" PRId64 "\r\n\r\n", statistics.clients);
    if (wants(request, "memory"))
        buffer_format(&text, "# Memory\r\nused_memory_dataset:%zu\r\n\r\n", table_bytes());
    if (wants(request, "persistence"))
        buffer_format(&text,
                      "# Persistence\r\nloading:0\r\naof_enabled:1\r\naof_current_size:%" PRId64 "\r\n\r\n",
                      journal_size());
    if (wants(request, "stats"))
        buffer_format(&text,
                      "# Stats\r\ntotal_connections_received:%" PRId64 "\r\ntotal_commands_processed:%" PRId64
                      "\r\n\r\n",
                      statistics.connections_received, statistics.commands_processed);
    if (wants(request, "replication"))
        buffer_text(&text, "# Replication\r\nrole:master\r\nconnected_slaves:0\r\n\r\n");
    if (wants(request, "keyspace"))
        buffer_text(&text, "# Keyspace\r\n");
    if (wants(request, "keyspace") && table_count() > 0)
        buffer_format(&text, "db0:keys=%zu,expires=%zu,avg_ttl=0\r\n", table_count(), table_expiring());
    resp_bulk(request->out, (struct slice){buffer_head(&text), text.length});
    buffer_free(&text);
}
