// Asks an HTTP server over keep-alive connections for a while and prints how often it answered: from inside a
// stack, where no load generator of the host can reach a service without a forward.
//
//     load HOST PORT SECONDS CONNECTIONS
//
// Each connection has one request under way. With one connection the figure is also that of the round trip.
#include "net.h"
#include <poll.h>
#include <time.h>

enum { MAX_CONNECTIONS = 256 };

static const char request[] = "GET / HTTP/1.1\r\nHost: load\r\n\r\n";

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void check(bool fine, const char *what) {
    if (!fine) {
        perror(what);
        exit(1);
    }
}

static void ask(int fd) {
    check(send(fd, request, sizeof request - 1, 0) == sizeof request - 1, "send");
}

// The server is not part of what is measured, so its start may be waited for.
static int connect_patiently(const char *host, int port) {
    double deadline = now() + 10;
    int fd;
    while ((fd = net_connect(host, port)) < 0 && now() < deadline)
        poll(NULL, 0, 20);
    check(fd >= 0, "connect");
    return fd;
}

// How long the answers of the server are: one is read to its end, of which the head tells nothing that
// matters.
static size_t answer_length(int fd) {
    char answer[4096];
    size_t length = 0;
    ask(fd);
    for (;;) {
        ssize_t got = recv(fd, answer + length, sizeof answer - 1 - length, 0);
        check(got > 0, "recv");
        length += (size_t)got;
        answer[length] = '\0';
        const char *announced = strstr(answer, "ontent-Length: "), *body = strstr(answer, "\r\n\r\n");
        if (!body)
            continue;
        check(announced != NULL, "the answer has no length");
        size_t whole = (size_t)(body + 4 - answer) + strtoul(announced + 15, NULL, 10);
        if (length >= whole)
            return whole;
    }
}

int main(int argc, char **argv) {
    int port = argc > 2 ? net_port(argv[2]) : -1, count = argc > 4 ? atoi(argv[4]) : 0;
    if (port < 0 || count < 1 || count > MAX_CONNECTIONS) {
        fprintf(stderr, "usage: load HOST PORT SECONDS CONNECTIONS\n");
        return 2;
    }
    static struct pollfd polled[MAX_CONNECTIONS];
    static size_t missing[MAX_CONNECTIONS];
    for (int i = 0; i < count; i++)
        polled[i] = (struct pollfd){connect_patiently(argv[1], port), POLLIN, 0};
    size_t answer = answer_length(polled[0].fd);
    for (int i = 0; i < count; i++) {
        ask(polled[i].fd);
        missing[i] = answer;
    }
    long answered = 0;
    double start = now(), end = start + atof(argv[3]);
    while (now() < end) {
        check(poll(polled, (nfds_t)count, -1) > 0, "poll");
        for (int i = 0; i < count; i++) {
            if (!polled[i].revents)
                continue;
            char buffer[4096];
            ssize_t got =
                recv(polled[i].fd, buffer, missing[i] < sizeof buffer ? missing[i] : sizeof buffer, 0);
            check(got > 0, "recv");
            missing[i] -= (size_t)got;
            if (missing[i] == 0) {
                answered++;
                missing[i] = answer;
                ask(polled[i].fd);
            }
        }
    }
    printf("%.1f requests per second\n", (double)answered / (now() - start));
    return 0;
}
