// The commands of the store: what they are called, what they take, and the functions behind them.
#ifndef COMMANDS_H
#define COMMANDS_H

#include "../shared/loop.h"
#include "../shared/resp.h"

struct client {
    struct conn *conn;
    int64_t id;
    char name[64];
};

// One command as a client has sent it: words[0] is its name, and the reply is appended to `out`.
struct request {
    struct client *client;
    const struct slice *words;
    size_t count;
    struct buffer *out;
};

enum command_flags { READS = 1, WRITES = 2, FAST = 4 };

struct command {
    const char *name;
    int arity; // the number of words, the name included; negative: at least so many
    int flags;
    int first_key, last_key, step; // which words are keys; a negative last_key counts from the end
    void (*run)(struct request *request);
};

extern const struct command commands[];
extern const size_t command_count;

// NULL if there is none of the name, in whatever case it is written.
const struct command *command_find(struct slice name);

// Runs a command, or replies with what is wrong with it.
void command_run(struct request *request);

// What INFO tells about clients and work done.
extern struct statistics {
    int64_t started; // in milliseconds of the wall clock
    int64_t connections_received, commands_processed, clients;
} statistics;

// On keys: keys.c
void run_set(struct request *), run_get(struct request *), run_mget(struct request *),
    run_del(struct request *);
void run_exists(struct request *), run_incr(struct request *), run_decr(struct request *),
    run_incrby(struct request *);
void run_decrby(struct request *), run_expire(struct request *), run_pexpire(struct request *);
void run_ttl(struct request *), run_pttl(struct request *), run_persist(struct request *),
    run_keys(struct request *);
void run_type(struct request *), run_dbsize(struct request *), run_flushall(struct request *);

// On the connection and the server: session.c
void run_ping(struct request *), run_echo(struct request *), run_hello(struct request *),
    run_select(struct request *);
void run_client(struct request *), run_command(struct request *), run_config(struct request *);
void run_info(struct request *), run_quit(struct request *);

#endif
