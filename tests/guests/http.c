// An HTTP/1.1 server that does on request whatever a test of the runner needs: see README.md for the routes.
#include "../../examples/multi-service/shared/loop.h"
#include "../../examples/multi-service/shared/http.h"
#include "net.h"
#include <sys/random.h>
#include <sys/stat.h>

static const char TEXT[] = "text/plain";
static char **arguments;
static char instance[17];

static void answer(struct http_exchange *x, int status, const char *text) {
    http_answer_text(x, status, TEXT, text);
}

static void hello(struct http_exchange *x) {
    static const char fast[] =
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, World!";
    if (x->request.keep_alive && !loop_ending() && !x->request.old && !x->request.head && x->body_left == 0) {
        buffer_append(&x->conn->out, fast, sizeof fast - 1);
        http_end(x);
    } else {
        answer(x, 200, "Hello, World!");
    }
}

static void environment(struct http_exchange *x, const char *name) {
    const char *value = getenv(name);
    answer(x, value ? 200 : 404, value ? value : "not set\n");
}

static void list_arguments(struct http_exchange *x) {
    struct buffer list = {0};
    for (char **argument = arguments; *argument; argument++)
        buffer_format(&list, "%s\n", *argument);
    http_answer(x, 200, TEXT, buffer_head(&list), list.length);
    buffer_free(&list);
}

static void echo_part(struct http_exchange *x, const char *data, size_t length) {
    if (length > 0)
        buffer_append(&x->conn->out, data, length);
    else
        http_end(x);
}

static void echo(struct http_exchange *x) {
    http_take_body(x, echo_part);
    http_begin(x, 200, "application/octet-stream", x->request.content_length, "");
}

// Answers, and ends the program when the answer is on its way and the connection closed.
static int exit_code;

static void leave(struct http_exchange *x) {
    (void)x;
    exit(exit_code);
}

static void exit_after(struct http_exchange *x, const char *code) {
    exit_code = atoi(code);
    x->request.keep_alive = false;
    answer(x, 200, "leaving\n");
    x->gone = leave;
    loop_drain();
}

static void print_line(struct http_exchange *x, FILE *to, const char *line) {
    fprintf(to, "%s\n", line);
    fflush(to);
    answer(x, 200, "printed\n");
}

static void file_error(struct http_exchange *x) {
    int error = errno;
    bool forbidden = error == EACCES || error == EPERM || error == EROFS;
#ifdef __wasi__
    forbidden = forbidden || error == ENOTCAPABLE;
#endif
    char text[128];
    snprintf(text, sizeof text, "%s\n", strerror(error));
    answer(x, forbidden ? 403 : error == ENOENT || error == ENOTDIR ? 404 : 500, text);
}

static void read_file(struct http_exchange *x, const char *path) {
    struct buffer content = {0};
    ssize_t got = -1;
    int fd = open(path, O_RDONLY);
    if (fd >= 0)
        while ((got = read(fd, buffer_reserve(&content, 65536), 65536)) > 0)
            content.length += (size_t)got;
    if (got < 0)
        file_error(x);
    else
        http_answer(x, 200, "application/octet-stream", buffer_head(&content), content.length);
    if (fd >= 0)
        close(fd);
    buffer_free(&content);
}

// The file that is being written, one for each exchange: its descriptor, or -1 after an error that is
// answered.
struct upload {
    int fd;
};

static void write_part(struct http_exchange *x, const char *data, size_t length) {
    struct upload *upload = x->context;
    if (length == 0) {
        bool complete = upload->fd >= 0 && close(upload->fd) == 0;
        bool answered = upload->fd < 0;
        free(upload);
        x->gone = NULL;
        if (complete)
            answer(x, 201, "written\n");
        else if (!answered)
            file_error(x);
        return;
    }
    while (upload->fd >= 0 && length > 0) {
        ssize_t written = write(upload->fd, data, length);
        if (written < 0) {
            file_error(x);
            close(upload->fd);
            upload->fd = -1;
        } else {
            data += written;
            length -= (size_t)written;
        }
    }
}

static void upload_gone(struct http_exchange *x) {
    struct upload *upload = x->context;
    if (upload->fd >= 0)
        close(upload->fd);
    free(upload);
}

static void write_file(struct http_exchange *x, const char *path) {
    struct upload *upload = malloc(sizeof *upload);
    int fd = upload ? open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644) : -1;
    if (fd < 0) {
        file_error(x);
        free(upload);
        return;
    }
    upload->fd = fd;
    x->context = upload;
    x->gone = upload_gone;
    http_take_body(x, write_part);
}

static void file(struct http_exchange *x, const char *path) {
    if (!http_allow(x, "GET, HEAD, PUT"))
        return;
    if (slice_is(x->request.method, "PUT"))
        write_file(x, path);
    else
        read_file(x, path);
}

static void fetched(void *context, const struct http_result *result) {
    struct http_exchange *x = context;
    if (result->status > 0) {
        http_answer(x, result->status, TEXT, result->body.data, result->body.length);
        return;
    }
    char text[128];
    snprintf(text, sizeof text, "%s\n", result->reason);
    answer(x, 502, text);
}

// HOST/PORT/PATH
static void fetch(struct http_exchange *x, char *rest) {
    char *port = strchr(rest, '/');
    char *path = port ? strchr(port + 1, '/') : NULL;
    char root[] = "/", *target = path ? strdup(path) : NULL;
    if (port)
        *port++ = '\0';
    if (path)
        *path = '\0';
    int number = net_port(port);
    if (number < 0)
        answer(x, 400, "the route is /fetch/HOST/PORT/PATH\n");
    else
        http_call("GET", rest, number, target ? target : root, 10000, fetched, x);
    free(target);
}

_Noreturn static void spin(void) {
    for (;;)
        __asm__ volatile("");
}

static void handle(struct http_exchange *x) {
    struct slice target = x->request.target;
    if (target.length == 1 && slice_is(x->request.method, "GET")) {
        hello(x);
        return;
    }
    const char *query = memchr(target.data, '?', target.length);
    if (query)
        target.length = (size_t)(query - target.data);
    char path[HTTP_HEAD_LIMIT];
    if (!http_decode(target, path, sizeof path)) {
        answer(x, 400, "the path is malformed\n");
        return;
    }
    if (strcmp(path, "/echo") == 0) {
        if (http_allow(x, "POST, PUT"))
            echo(x);
    } else if (strncmp(path, "/file/", 6) == 0) {
        file(x, path + 5);
    } else if (!http_allow(x, "GET, HEAD")) {
        return;
    } else if (strcmp(path, "/") == 0) {
        hello(x);
    } else if (strncmp(path, "/env/", 5) == 0) {
        environment(x, path + 5);
    } else if (strcmp(path, "/args") == 0) {
        list_arguments(x);
    } else if (strcmp(path, "/instance") == 0) {
        answer(x, 200, instance);
    } else if (strncmp(path, "/exit/", 6) == 0) {
        exit_after(x, path + 6);
    } else if (strcmp(path, "/trap") == 0) {
        __builtin_trap();
    } else if (strcmp(path, "/spin") == 0) {
        spin();
    } else if (strncmp(path, "/fetch/", 7) == 0) {
        fetch(x, path + 7);
    } else if (strncmp(path, "/log/", 5) == 0) {
        print_line(x, stdout, path + 5);
    } else if (strncmp(path, "/stderr/", 8) == 0) {
        print_line(x, stderr, path + 8);
    } else {
        answer(x, 404, "no such route\n");
    }
}

static void accepted(struct conn *conn) {
    http_accept(conn, handle);
}

int main(int argc, char **argv) {
    int port = net_listen_port(argc, argv);
    arguments = argv;
    unsigned char random[8];
    if (getentropy(random, sizeof random) < 0) {
        perror("getentropy");
        return 1;
    }
    for (size_t i = 0; i < sizeof random; i++)
        snprintf(instance + 2 * i, 3, "%02x", random[i]);
    loop_serve(port, &(struct loop){.accepted = accepted});
}
