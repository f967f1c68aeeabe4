// The page that people see. Every view of it is counted through the api, service to service.
#include "../shared/http.h"
#include "../shared/net.h"
#include "page.h"

enum { API_TIMEOUT_MILLISECONDS = 3000 };

static const char HTML[] = "text/html; charset=utf-8";
static struct net_address api;

static void send_page(struct http_exchange *exchange, int status, const char *said) {
    struct buffer page = {0};
    buffer_text(&page, PAGE_BEGIN);
    buffer_text(&page, said);
    buffer_text(&page, PAGE_END);
    http_answer(exchange, status, HTML, buffer_head(&page), page.length);
    buffer_free(&page);
}

// Finds the number in {"visits":N}; -1 if there is none.
static long long visits_in(struct slice json) {
    char text[64];
    snprintf(text, sizeof text, "%.*s", (int)(json.length < sizeof text ? json.length : sizeof text - 1),
             json.data);
    long long visits;
    return sscanf(text, "{\"visits\":%lld}", &visits) == 1 ? visits : -1;
}

static void counted(void *context, const struct http_result *result) {
    long long visits = result->status == 200 ? visits_in(result->body) : -1;
    char said[256];
    if (visits >= 0) {
        snprintf(said, sizeof said, "<h1>Visits</h1>\n<p class=\"count\">%lld</p>\n", visits);
        send_page(context, 200, said);
        return;
    }
    const char *problem = result->status == 0     ? "The api is down."
                          : result->status == 503 ? "The store behind the api is down."
                                                  : "The api answered with an error.";
    fprintf(stderr, "web: a visit was not counted: %s\n", result->status == 0 ? result->reason : problem);
    snprintf(said, sizeof said, "<h1>Visits</h1>\n<p class=\"down\">%s This visit was not counted.</p>\n",
             problem);
    send_page(context, 200, said);
}

static void handle(struct http_exchange *exchange) {
    struct slice path = exchange->request.target;
    if (!slice_is(path, "/") && !slice_is(path, "/health"))
        http_answer_text(exchange, 404, "text/plain", "no such page\n");
    else if (!http_allow(exchange, "GET, HEAD"))
        return;
    else if (slice_is(path, "/health"))
        http_answer_text(exchange, 200, "text/plain", "ok\n");
    else // only a view of the page is a visit
        http_call(exchange->request.head ? "GET" : "POST", api.host, api.port, "/visits",
                  API_TIMEOUT_MILLISECONDS, counted, exchange);
}

static void accepted(struct conn *conn) {
    http_accept(conn, handle);
}

int main(int argc, char **argv) {
    int port = net_listen_port(argc, argv);
    api = net_address("API", "api:8080");
    loop_serve(port, &(struct loop){.accepted = accepted});
}
