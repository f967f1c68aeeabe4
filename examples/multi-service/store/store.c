// A key-value store that ordinary Redis clients can talk to. It listens on its first argument or PORT (8080)
// and keeps its data in the folder DATA (/data), which should be on a volume.
#include "../shared/net.h"
#include "commands.h"
#include "journal.h"
#include "table.h"

enum { SWEEP_MILLISECONDS = 100, SWEEP_PARTS = 10 }; // all of the table once in a second

static size_t received(struct conn *conn, const char *data, size_t length) {
    struct resp_command command;
    const char *reason;
    int64_t used = resp_parse_command(data, length, &command, &reason);
    if (used < 0) {
        buffer_format(&conn->out, "-ERR %s\r\n", reason);
        conn_finish(conn);
        return 0;
    }
    if (command.count > 0 && used > 0)
        command_run(&(struct request){conn->context, command.arguments, command.count, &conn->out});
    return (size_t)used;
}

static void closed(struct conn *conn) {
    statistics.clients--;
    free(conn->context);
}

static void accepted(struct conn *conn) {
    struct client *client = calloc(1, sizeof *client);
    if (!client) {
        conn_close(conn);
        return;
    }
    statistics.clients++;
    client->id = ++statistics.connections_received;
    client->conn = conn;
    conn->context = client;
    conn->received = received;
    conn->closed = closed;
    conn->input_limit = RESP_COMMAND_LIMIT + 65536;
}

// Runs before the replies of a turn are sent: what they confirm is on disk by then.
static void end_turn(void) {
    static int64_t next_sweep;
    journal_commit();
    if (table_expiring() > 0 && loop_now() >= next_sweep) {
        table_sweep(SWEEP_PARTS);
        next_sweep = loop_now() + SWEEP_MILLISECONDS;
    }
}

static int timeout(void) {
    return table_expiring() > 0 ? SWEEP_MILLISECONDS : -1;
}

int main(int argc, char **argv) {
    int port = net_listen_port(argc, argv);
    const char *folder = getenv("DATA");
    statistics.started = wall_clock();
    table_init();
    journal_open(folder ? folder : "/data");
    printf("%zu keys in the log\n", table_count());
    loop_serve(port, &(struct loop){.accepted = accepted, .turn = end_turn, .timeout = timeout});
}
