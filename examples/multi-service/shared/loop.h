// The event loop that all services of this example run on: one thread, non-blocking sockets, `poll`.
//
// A turn of the loop reads from every descriptor that is ready and hands the bytes to the connection's
// protocol, then calls the service's end-of-turn function, and only then sends what the protocols have
// queued. A service that must not answer before its data is safe on disk syncs there, once for all clients of
// the turn.
#ifndef LOOP_H
#define LOOP_H

#include "buffer.h"
#include <stdbool.h>
#include <stdint.h>

// While this much output waits for a slow reader, no more of its input is read or handled.
enum { LOOP_HIGH_WATER = 256 * 1024 };

struct conn {
    int fd;
    struct buffer in;  // input that the protocol could not use yet
    struct buffer out; // output that is not sent yet
    void *context;     // the protocol's

    // Handles the beginning of the input and returns how many bytes of it are used up; 0 means that more
    // input (or conn_resume) is needed. It is called again while it uses something.
    size_t (*received)(struct conn *, const char *data, size_t length);
    // The peer has finished sending and the input is handled as far as possible. Optional; without it the
    // connection is finished.
    void (*ended)(struct conn *);
    // The connection is gone, for whatever reason: the last call with it. Optional.
    void (*closed)(struct conn *);

    size_t input_limit; // so much input is kept at most while the protocol waits for something else
    int64_t deadline;   // loop_now() at which the connection is closed; 0 for never
    bool end_of_input, finishing, lingering, resumed;
};

// Milliseconds of a clock that only moves forward.
int64_t loop_now(void);

// Takes over a connected, non-blocking descriptor; the caller fills in the callbacks. NULL, with the
// descriptor closed, when there are too many.
struct conn *loop_add(int fd);

// Closes the connection as soon as its output is sent, without cutting off what the peer still has to read.
void conn_finish(struct conn *conn);

// Closes the connection now.
void conn_close(struct conn *conn);

// Has the input that was left over handled again: what the protocol was waiting for has happened.
void conn_resume(struct conn *conn);

struct loop {
    int listener;                    // accepts connections from here
    void (*accepted)(struct conn *); // a new connection, whose callbacks it fills in
    void (*turn)(void);              // optional: before the output of a turn is sent
    int (*timeout)(void); // optional: milliseconds until the turn function is wanted anyway; -1 for never
};

// Accepts no more connections; those there are go on. For a server that is about to end: who connects from now
// on waits for the next one.
void loop_drain(void);

// Whether the program has been asked to end. From then on it accepts no more connections and exits when the
// last one is gone; protocols should see to that soon.
bool loop_ending(void);

// Runs until the program exits.
_Noreturn void loop_run(const struct loop *loop);

// Opens the listener, says so on stdout and runs.
_Noreturn void loop_serve(int port, const struct loop *loop);

#endif
