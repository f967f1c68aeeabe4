// `extension.wasm [PORT]`: a TCP echo, one connection after the other; `extension.wasm client HOST PORT
// TEXT`: sends a text and prints what comes back. Both through the socket extension alone, and both print the
// addresses they see.
#include "extension.h"
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void check(uint32_t error, const char *what) {
    if (error != 0) {
        fprintf(stderr, "%s: %s (errno %u)\n", what, strerror((int)error), (unsigned)error);
        exit(1);
    }
}

static void print_address(const char *whose, const uint8_t *bytes, uint32_t type, uint32_t port) {
    printf("%s ", whose);
    if (type == 4)
        printf("%d.%d.%d.%d:%u\n", bytes[0], bytes[1], bytes[2], bytes[3], (unsigned)port);
    else {
        for (int i = 0; i < 16; i += 2)
            printf("%s%x", i == 0 ? "[" : ":", bytes[i] << 8 | bytes[i + 1]);
        printf("]:%u\n", (unsigned)port);
    }
    fflush(stdout);
}

static void print_local(uint32_t fd) {
    uint8_t bytes[16];
    uint32_t type, port;
    check(sock_getlocaladdr(fd, &(struct address){bytes, sizeof bytes}, &type, &port), "sock_getlocaladdr");
    print_address("local", bytes, type, port);
}

static void print_peer(uint32_t fd) {
    uint8_t bytes[16];
    uint32_t type, port;
    check(sock_getpeeraddr(fd, &(struct address){bytes, sizeof bytes}, &type, &port), "sock_getpeeraddr");
    print_address("peer", bytes, type, port);
}

static int option(uint32_t fd, uint32_t name) {
    int value = -1;
    uint32_t size = sizeof value;
    check(sock_getsockopt(fd, LEVEL_SOCKET, name, &value, &size), "sock_getsockopt");
    return value;
}

static bool send_all(uint32_t fd, const char *bytes, uint32_t length) {
    for (uint32_t sent; length > 0; bytes += sent, length -= sent)
        if (sock_send(fd, &(struct vector){(void *)bytes, length}, 1, 0, &sent) != 0)
            return false;
    return true;
}

static uint32_t receive(uint32_t fd, char *bytes, uint32_t size) {
    uint32_t got;
    uint16_t flags;
    return sock_recv(fd, &(struct vector){bytes, size}, 1, 0, &got, &flags) == 0 ? got : 0;
}

static _Noreturn void serve(uint32_t port) {
    static char bytes[64 * 1024];
    uint8_t any[4] = {0};
    int on = 1;
    uint32_t listener;
    check(sock_open(FAMILY_INET4, SOCKET_STREAM, &listener), "sock_open");
    check(sock_setsockopt(listener, LEVEL_SOCKET, OPTION_REUSEADDR, &on, sizeof on), "sock_setsockopt");
    check(sock_bind(listener, &(struct address){any, sizeof any}, port), "sock_bind");
    check(sock_listen(listener, 128), "sock_listen");
    print_local(listener);
    printf("type %d, accepts %d\nlistening on %u\n", option(listener, OPTION_TYPE),
           option(listener, OPTION_ACCEPTCONN), (unsigned)port);
    fflush(stdout);
    for (;;) {
        uint32_t connection;
        check(sock_accept(listener, &connection), "sock_accept");
        print_local(connection);
        print_peer(connection);
        for (uint32_t got; (got = receive(connection, bytes, sizeof bytes)) > 0;)
            if (!send_all(connection, bytes, got))
                break;
        (void)sock_shutdown(connection, 3);
        close((int)connection);
    }
}

// Looks a name up and connects to the first of its addresses that answers.
static uint32_t connect_by_name(const char *host, const char *service) {
    enum { MAX = 8, NAME = 64 };
    static uint8_t data[MAX][26];
    static char names[MAX][NAME];
    static struct socket_address addresses[MAX];
    static struct address_info nodes[MAX];
    for (int i = 0; i < MAX; i++) {
        addresses[i] = (struct socket_address){.length = sizeof data[i], .data = data[i]};
        nodes[i] = (struct address_info){
            .address = &addresses[i], .canonical_name = names[i], .next = i + 1 < MAX ? &nodes[i + 1] : NULL};
    }
    struct address_info hints = {.family = FAMILY_ANY, .type = SOCKET_STREAM, .protocol = PROTOCOL_TCP};
    struct address_info *list = nodes;
    uint32_t used = 0, error = 0;
    check(sock_getaddrinfo(host, (uint32_t)strlen(host) + 1, service, (uint32_t)strlen(service) + 1, &hints,
                           &list, MAX, &used),
          "sock_getaddrinfo");
    for (uint32_t i = 0; i < used; i++) {
        bool six = nodes[i].family == FAMILY_INET6;
        uint8_t *found = nodes[i].address->data;
        uint32_t port = (uint32_t)(found[0] << 8 | found[1]);
        struct address address = {found + (six ? 6 : 2), six ? 16 : 4};
        print_address("found", address.bytes, six ? 6 : 4, port);
        uint32_t fd;
        check(sock_open(nodes[i].family, SOCKET_STREAM, &fd), "sock_open");
        if ((error = sock_connect(fd, &address, port)) == 0)
            return fd;
        close((int)fd);
    }
    check(error, "sock_connect");
    fprintf(stderr, "%s has no address\n", host);
    exit(1);
}

static int ask(const char *host, const char *port, const char *text) {
    uint32_t fd = connect_by_name(host, port);
    print_local(fd);
    print_peer(fd);
    printf("error %d\n", option(fd, OPTION_ERROR));
    if (!send_all(fd, text, (uint32_t)strlen(text)))
        return 1;
    check(sock_shutdown(fd, 2), "sock_shutdown");
    char bytes[1024];
    for (uint32_t got; (got = receive(fd, bytes, sizeof bytes)) > 0;)
        fwrite(bytes, 1, got, stdout);
    putchar('\n');
    close((int)fd);
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 5 && strcmp(argv[1], "client") == 0)
        return ask(argv[2], argv[3], argv[4]);
    const char *port = argc > 1 ? argv[1] : getenv("PORT");
    long number = port ? atol(port) : 8080;
    if (number <= 0 || number > 65535) {
        fprintf(stderr, "usage: %s [PORT] | client HOST PORT TEXT\n", argv[0]);
        return 2;
    }
    serve((uint32_t)number);
}
