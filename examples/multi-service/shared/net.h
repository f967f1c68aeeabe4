// How a guest of wasmrun gets its sockets: it opens a device file.
//
//     /net/tcp/listen/8080          a listening descriptor on port 8080 of the service's own network
//     namespace /net/tcp/connect/store/8080   a connection to port 8080 of the service named `store`
//
// From there on everything is the C library as usual: accept, recv, send, shutdown, read, write, poll, close.
// A native build of the same program uses the sockets of the operating system and listens on 127.0.0.1, or on
// the environment's LISTEN_ADDRESS, so that a guest can be debugged, sanitized and compared with its native
// self.
#ifndef NET_H
#define NET_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef __wasi__
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#endif

// Reads a port number from text; -1 if it is none.
static inline int net_port(const char *text) {
    char *end;
    long port = text ? strtol(text, &end, 10) : -1;
    return text && *text && *end == '\0' && port > 0 && port <= 65535 ? (int)port : -1;
}

// The port a service should listen on: its first argument, the environment's PORT, 8080; exits when it is no
// port.
static inline int net_listen_port(int argc, char **argv) {
    const char *text = argc > 1 ? argv[1] : getenv("PORT");
    int port = text ? net_port(text) : 8080;
    if (port < 0) {
        fprintf(stderr, "%s: '%s' is not a port\n", argv[0], text);
        exit(2);
    }
    return port;
}

struct net_address {
    char host[256];
    int port;
};

// Where another service is: HOST:PORT from the environment, or the given default; exits when it is malformed.
static inline struct net_address net_address(const char *variable, const char *otherwise) {
    const char *text = getenv(variable) ? getenv(variable) : otherwise;
    const char *colon = strrchr(text, ':');
    struct net_address address = {.port = colon ? net_port(colon + 1) : -1};
    if (address.port < 0 || colon == text || (size_t)(colon - text) >= sizeof address.host) {
        fprintf(stderr, "%s: '%s' is not of the form HOST:PORT\n", variable, text);
        exit(2);
    }
    memcpy(address.host, text, (size_t)(colon - text));
    return address;
}

static inline int net_nonblocking(int fd) {
    return fcntl(fd, F_SETFL, O_NONBLOCK);
}

#ifdef __wasi__

// A blocking listening descriptor, or -1 with errno.
static inline int net_listen(int port) {
    char path[64];
    snprintf(path, sizeof path, "/net/tcp/listen/%d", port);
    return open(path, O_RDWR);
}

// A blocking connected descriptor, or -1 with errno. The host may be the name of a service or an address.
static inline int net_connect(const char *host, int port) {
    char path[320];
    int length = snprintf(path, sizeof path, "/net/tcp/connect/%s/%d", host, port);
    if (length < 0 || (size_t)length >= sizeof path || strchr(host, '/')) {
        errno = EINVAL;
        return -1;
    }
    return open(path, O_RDWR);
}

// The next connection, already non-blocking, or -1 with errno.
static inline int net_accept(int listener) {
    return accept4(listener, NULL, NULL, SOCK_NONBLOCK);
}

// A descriptor that becomes readable when the program is asked to end, or -1.
static inline int net_signals(void) {
    return open("/net/signals", O_RDONLY | O_NONBLOCK);
}

#else

static inline int net_signals(void) {
    return -1;
}

static inline int net_no_delay(int fd) {
    int on = 1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

static inline int net_listen(int port) {
    signal(SIGPIPE, SIG_IGN);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0)
        return -1;
    int on = 1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    const char *listen_address = getenv("LISTEN_ADDRESS");
    address.sin_addr.s_addr = listen_address ? inet_addr(listen_address) : htonl(INADDR_LOOPBACK);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, SOMAXCONN) < 0) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

static inline int net_connect(const char *host, int port) {
    signal(SIGPIPE, SIG_IGN);
    char service[8];
    snprintf(service, sizeof service, "%d", port & 0xffff);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
    if (getaddrinfo(host, service, &hints, &found) != 0) {
        errno = ENOENT;
        return -1;
    }
    int fd = -1;
    for (struct addrinfo *at = found; at && fd < 0; at = at->ai_next) {
        fd = socket(at->ai_family, at->ai_socktype, at->ai_protocol);
        if (fd >= 0 && connect(fd, at->ai_addr, at->ai_addrlen) < 0) {
            int error = errno;
            close(fd);
            errno = error;
            fd = -1;
        }
    }
    int error = errno;
    freeaddrinfo(found);
    errno = error;
    return fd < 0 ? -1 : net_no_delay(fd);
}

static inline int net_accept(int listener) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    return fd < 0 ? -1 : net_no_delay(fd);
}

#endif
#endif
