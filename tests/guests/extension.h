// The socket extension of WASI preview 1 that the crate `wasmedge_wasi_socket` and the libraries on top of it
// use (https://github.com/second-state/wasmedge_wasi_socket, src/socket.rs), in its first version. Preview 1
// itself can only use sockets that somebody else has opened; these imports of the same module
// `wasi_snapshot_preview1` can open them.
//
// All functions return an errno of preview 1, 0 for success; sock_getaddrinfo has some more above those.
//
//   Address        {pointer to bytes, number of bytes}, both 32 bits: for a call that takes an address 4
//   bytes for IPv4
//                  or 16 for IPv6, in network order. The port travels beside it, as a 32-bit number in host
//                  order.
//   sock_getlocaladdr, sock_getpeeraddr
//                  want room for exactly 16 bytes, write the 4 or 16 of the address to its front, and the
//                  type of the address (4 or 6) and the port to where the other two pointers say.
//   sock_accept    has two parameters here and three in preview 1. An import has one type, so a host can
//   tell. sock_recv, sock_send, sock_shutdown
//                  are those of preview 1.
//   sock_getaddrinfo
//                  fills a linked list that the caller has prepared: `max` nodes joined by `next`, each with
//                  a socket address, and this with a buffer. It writes the number of nodes used. Names and
//                  services are passed with their length, and the crate counts the final NUL in. The buffer
//                  gets what follows the family in a C socket address: the port, 2 bytes in network order,
//                  and then for IPv4 the 4 bytes of the address; for IPv6 4 bytes of flow label, the 16 of
//                  the address and 4 of scope.
#ifndef EXTENSION_H
#define EXTENSION_H

#include <stdint.h>

enum { FAMILY_ANY, FAMILY_INET4, FAMILY_INET6 };
enum { SOCKET_ANY, SOCKET_DATAGRAM, SOCKET_STREAM };
enum { PROTOCOL_IP, PROTOCOL_TCP, PROTOCOL_UDP };
enum { LEVEL_SOCKET };

// Not the numbers of any operating system. OPTION_TYPE answers with one of SOCKET_*, OPTION_ERROR with an
// errno of preview 1.
enum {
    OPTION_REUSEADDR,
    OPTION_TYPE,
    OPTION_ERROR,
    OPTION_DONTROUTE,
    OPTION_BROADCAST,
    OPTION_SNDBUF,
    OPTION_RCVBUF,
    OPTION_KEEPALIVE,
    OPTION_OOBINLINE,
    OPTION_LINGER,
    OPTION_RCVLOWAT,
    OPTION_RCVTIMEO,
    OPTION_SNDTIMEO,
    OPTION_ACCEPTCONN,
    OPTION_BINDTODEVICE,
};

struct address {
    uint8_t *bytes;
    uint32_t length;
};

struct vector {
    void *bytes;
    uint32_t length;
};

struct socket_address {
    uint8_t family;
    uint32_t length; // of the data: 14 are enough for IPv4, 26 for IPv6
    uint8_t *data;
};

struct address_info {
    uint16_t flags;
    uint8_t family, type, protocol;
    uint32_t address_length;
    struct socket_address *address;
    char *canonical_name;
    uint32_t canonical_name_length;
    struct address_info *next;
};

_Static_assert(sizeof(struct socket_address) == 12, "family at 0, length at 4, data at 8");
_Static_assert(sizeof(struct address_info) == 28,
               "flags at 0, family at 2, type at 3, protocol at 4, the rest from 8 on");

#define IMPORT(name)                                                                                         \
    __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name))) uint32_t name

IMPORT(sock_open)(uint32_t family, uint32_t type, uint32_t *fd);
IMPORT(sock_bind)(uint32_t fd, struct address *address, uint32_t port);
IMPORT(sock_listen)(uint32_t fd, uint32_t backlog);
IMPORT(sock_accept)(uint32_t fd, uint32_t *accepted);
IMPORT(sock_connect)(uint32_t fd, struct address *address, uint32_t port);
IMPORT(sock_recv)
(uint32_t fd, struct vector *, uint32_t count, uint32_t flags, uint32_t *got, uint16_t *flags_out);
IMPORT(sock_send)(uint32_t fd, const struct vector *, uint32_t count, uint32_t flags, uint32_t *sent);
IMPORT(sock_shutdown)(uint32_t fd, uint32_t how);
IMPORT(sock_getlocaladdr)(uint32_t fd, struct address *address, uint32_t *type, uint32_t *port);
IMPORT(sock_getpeeraddr)(uint32_t fd, struct address *address, uint32_t *type, uint32_t *port);
IMPORT(sock_getsockopt)(uint32_t fd, uint32_t level, uint32_t name, void *value, uint32_t *size);
IMPORT(sock_setsockopt)(uint32_t fd, uint32_t level, uint32_t name, const void *value, uint32_t size);
IMPORT(sock_getaddrinfo)
(const char *node, uint32_t node_length, const char *service, uint32_t service_length,
 const struct address_info *hints, struct address_info **list, uint32_t max, uint32_t *used);

#undef IMPORT
#endif
