#include "commands.h"
#include "journal.h"
#include "table.h"
#include <inttypes.h>

static const char NOT_AN_INTEGER[] = "ERR value is not an integer or out of range";

static void set(struct slice key, struct slice value, int64_t expires) {
    table_set(key, value, expires);
    journal_set(key, value, expires);
}

static void reply_value(struct buffer *out, const struct entry *entry) {
    if (entry)
        resp_bulk(out, entry_value(entry));
    else
        resp_nil(out);
}

struct set_options {
    bool only_new, only_old, keep_time, get;
    int64_t expires;
};

static bool invalid_time(struct buffer *out, const char *command) {
    buffer_format(out, "-ERR invalid expire time in '%s' command\r\n", command);
    return false;
}

// A time from now on in the given unit, as a time of the wall clock; false after an error reply.
static bool parse_time(struct buffer *out, struct slice text, int64_t unit, int64_t *expires,
                       const char *command) {
    int64_t amount, now = wall_clock();
    if (!resp_parse_integer(text, &amount)) {
        resp_error(out, NOT_AN_INTEGER);
        return false;
    }
    if (amount > (INT64_MAX - now) / unit || amount < INT64_MIN / unit)
        return invalid_time(out, command);
    *expires = now + amount * unit;
    return true;
}

static bool parse_set_options(struct request *request, struct set_options *options) {
    const struct slice *words = request->words;
    for (size_t i = 3; i < request->count; i++) {
        bool seconds = slice_is_ignoring_case(words[i], "EX"),
             timed = seconds || slice_is_ignoring_case(words[i], "PX");
        if (timed && i + 1 < request->count && !options->expires && !options->keep_time) {
            int64_t amount;
            if (!parse_time(request->out, words[i + 1], seconds ? 1000 : 1, &options->expires, "set"))
                return false;
            if (resp_parse_integer(words[++i], &amount) && amount <= 0)
                return invalid_time(request->out, "set");
        } else if (slice_is_ignoring_case(words[i], "NX") && !options->only_old) {
            options->only_new = true;
        } else if (slice_is_ignoring_case(words[i], "XX") && !options->only_new) {
            options->only_old = true;
        } else if (slice_is_ignoring_case(words[i], "KEEPTTL") && !options->expires) {
            options->keep_time = true;
        } else if (slice_is_ignoring_case(words[i], "GET")) {
            options->get = true;
        } else {
            resp_error(request->out, "ERR syntax error");
            return false;
        }
    }
    return true;
}

void run_set(struct request *request) {
    struct set_options options = {0};
    if (!parse_set_options(request, &options))
        return;
    struct entry *entry = table_find(request->words[1]);
    bool done = entry ? !options.only_new : !options.only_old;
    if (options.get)
        reply_value(request->out, entry); // before it is overwritten
    if (done)
        set(request->words[1], request->words[2],
            options.keep_time && entry ? entry->expires : options.expires);
    if (!options.get && done)
        resp_status(request->out, "OK");
    else if (!options.get)
        resp_nil(request->out);
}

void run_get(struct request *request) {
    reply_value(request->out, table_find(request->words[1]));
}

void run_mget(struct request *request) {
    resp_array(request->out, request->count - 1);
    for (size_t i = 1; i < request->count; i++)
        reply_value(request->out, table_find(request->words[i]));
}

void run_del(struct request *request) {
    int64_t removed = 0;
    for (size_t i = 1; i < request->count; i++)
        if (table_remove(request->words[i])) {
            journal_remove(request->words[i]);
            removed++;
        }
    resp_integer(request->out, removed);
}

void run_exists(struct request *request) {
    int64_t found = 0;
    for (size_t i = 1; i < request->count; i++)
        found += table_find(request->words[i]) != NULL;
    resp_integer(request->out, found);
}

static void add(struct request *request, int64_t amount) {
    struct slice key = request->words[1];
    struct entry *entry = table_find(key);
    int64_t number = 0;
    if (entry && !resp_parse_integer(entry_value(entry), &number)) {
        resp_error(request->out, NOT_AN_INTEGER);
        return;
    }
    if (__builtin_add_overflow(number, amount, &number)) {
        resp_error(request->out, "ERR increment or decrement would overflow");
        return;
    }
    char text[24];
    int length = snprintf(text, sizeof text, "%" PRId64, number);
    set(key, (struct slice){text, (size_t)length}, entry ? entry->expires : 0);
    resp_integer(request->out, number);
}

static void add_given(struct request *request, bool negative) {
    int64_t amount;
    if (!resp_parse_integer(request->words[2], &amount))
        resp_error(request->out, NOT_AN_INTEGER);
    else if (negative && amount == INT64_MIN)
        resp_error(request->out, "ERR decrement would overflow");
    else
        add(request, negative ? -amount : amount);
}

void run_incr(struct request *request) {
    add(request, 1);
}

void run_decr(struct request *request) {
    add(request, -1);
}

void run_incrby(struct request *request) {
    add_given(request, false);
}

void run_decrby(struct request *request) {
    add_given(request, true);
}

static void expire(struct request *request, int64_t unit, const char *name) {
    struct slice key = request->words[1];
    int64_t expires;
    if (!parse_time(request->out, request->words[2], unit, &expires, name))
        return;
    struct entry *entry = table_find(key);
    if (entry && expires <= wall_clock()) {
        table_remove(key);
        journal_remove(key);
    } else if (entry) {
        table_expire(entry, expires);
        journal_expire(key, expires);
    }
    resp_integer(request->out, entry != NULL);
}

void run_expire(struct request *request) {
    expire(request, 1000, "expire");
}

void run_pexpire(struct request *request) {
    expire(request, 1, "pexpire");
}

// -2 without such a key, -1 for one that stays.
static int64_t milliseconds_left(struct slice key) {
    const struct entry *entry = table_find(key);
    if (!entry || !entry->expires)
        return entry ? -1 : -2;
    int64_t left = entry->expires - wall_clock();
    return left > 0 ? left : 0;
}

void run_pttl(struct request *request) {
    resp_integer(request->out, milliseconds_left(request->words[1]));
}

void run_ttl(struct request *request) {
    int64_t left = milliseconds_left(request->words[1]);
    resp_integer(request->out, left < 0 ? left : (left + 500) / 1000);
}

void run_persist(struct request *request) {
    struct entry *entry = table_find(request->words[1]);
    bool timed = entry && entry->expires;
    if (timed) {
        table_expire(entry, 0);
        journal_expire(request->words[1], 0);
    }
    resp_integer(request->out, timed);
}

// Whether one character is in the set that begins after a '['; moves the pattern behind its ']'.
static bool in_set(const char **pattern, const char *end, unsigned char c) {
    const char *p = *pattern;
    bool negated = p < end && *p == '^', found = false;
    for (p += negated; p < end && *p != ']'; p++) {
        if (*p == '\\' && p + 1 < end)
            p++;
        unsigned char low = (unsigned char)*p, high = low;
        if (end - p > 2 && p[1] == '-' && p[2] != ']') {
            high = (unsigned char)p[2];
            p += 2;
        }
        found = found || (low <= high ? low <= c && c <= high : high <= c && c <= low);
    }
    *pattern = p < end ? p + 1 : p;
    return found != negated;
}

// Matches one character with the pattern's next element and moves behind it.
static bool matches_one(const char **pattern, const char *end, unsigned char c) {
    char element = *(*pattern)++;
    if (element == '?')
        return true;
    if (element == '[')
        return in_set(pattern, end, c);
    if (element == '\\' && *pattern < end)
        element = *(*pattern)++;
    return (unsigned char)element == c;
}

// On a mismatch it is enough to go back to the last '*' and let that take one more character: an earlier one
// cannot help. So no pattern, however mean, takes more than the product of both lengths.
static bool matches(struct slice glob, struct slice text) {
    const char *p = glob.data, *p_end = p + glob.length, *t = text.data, *t_end = t + text.length;
    const char *star = NULL, *retry = NULL;
    while (t < t_end) {
        if (p < p_end && *p == '*') {
            star = ++p;
            retry = t;
        } else if (p < p_end && matches_one(&p, p_end, (unsigned char)*t)) {
            t++;
        } else if (star) {
            p = star;
            t = ++retry;
        } else {
            return false;
        }
    }
    while (p < p_end && *p == '*')
        p++;
    return p == p_end;
}

struct search {
    struct slice glob;
    struct buffer found;
    size_t count;
};

static void look_at(void *context, const struct entry *entry) {
    struct search *search = context;
    if (matches(search->glob, entry_key(entry))) {
        resp_bulk(&search->found, entry_key(entry));
        search->count++;
    }
}

void run_keys(struct request *request) {
    struct search search = {.glob = request->words[1]};
    table_each(look_at, &search);
    resp_array(request->out, search.count);
    buffer_append(request->out, buffer_head(&search.found), search.found.length);
    buffer_free(&search.found);
}

void run_type(struct request *request) {
    resp_status(request->out, table_find(request->words[1]) ? "string" : "none");
}

void run_dbsize(struct request *request) {
    resp_integer(request->out, (int64_t)table_count());
}

void run_flushall(struct request *request) {
    if (request->count > 2 || (request->count == 2 && !slice_is_ignoring_case(request->words[1], "SYNC") &&
                               !slice_is_ignoring_case(request->words[1], "ASYNC"))) {
        resp_error(request->out, "ERR syntax error");
        return;
    }
    table_clear();
    journal_clear();
    resp_status(request->out, "OK");
}
