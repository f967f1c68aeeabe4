#include "journal.h"
#include "../shared/resp.h"
#include "table.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { REWRITE_MINIMUM = 1024 * 1024, BLOCK = 256 * 1024 };

static char path[256], fresh_path[256], folder_path[240];
static int log_fd = -1;
static int64_t size, compact_size; // of the log now, and right after it was last rewritten
static struct buffer noted;

_Noreturn static void fail(const char *what, const char *where) {
    fprintf(stderr, "store: cannot %s %s: %s\n", what, where, strerror(errno));
    exit(1);
}

static void note(struct buffer *to, const struct slice *words, size_t count) {
    resp_command(to, words, count);
}

static void note_set(struct buffer *to, struct slice key, struct slice value, int64_t expires) {
    char at[24];
    snprintf(at, sizeof at, "%" PRId64, expires);
    struct slice words[] = {slice_of("SET"), key, value, slice_of("PXAT"), slice_of(at)};
    note(to, words, expires ? 5 : 3);
}

void journal_set(struct slice key, struct slice value, int64_t expires) {
    note_set(&noted, key, value, expires);
}

void journal_remove(struct slice key) {
    note(&noted, (struct slice[]){slice_of("DEL"), key}, 2);
}

void journal_expire(struct slice key, int64_t expires) {
    char at[24];
    snprintf(at, sizeof at, "%" PRId64, expires);
    if (expires)
        note(&noted, (struct slice[]){slice_of("PEXPIREAT"), key, slice_of(at)}, 3);
    else
        note(&noted, (struct slice[]){slice_of("PERSIST"), key}, 2);
}

void journal_clear(void) {
    note(&noted, (struct slice[]){slice_of("FLUSHALL")}, 1);
}

// Does a record again; false if it is none. It must find keys whose time is up by now: a later record may
// have given them more of it.
static bool apply(const struct resp_command *record) {
    const struct slice *word = record->arguments;
    int64_t expires = 0;
    if (record->count == 3 && slice_is(word[0], "SET")) {
        table_set(word[1], word[2], 0);
    } else if (record->count == 5 && slice_is(word[0], "SET") && resp_parse_integer(word[4], &expires)) {
        table_set(word[1], word[2], expires);
    } else if (record->count == 2 && slice_is(word[0], "DEL")) {
        table_remove(word[1]);
    } else if (record->count == 2 && slice_is(word[0], "PERSIST")) {
        struct entry *entry = table_peek(word[1]);
        if (entry)
            table_expire(entry, 0);
    } else if (record->count == 3 && slice_is(word[0], "PEXPIREAT") &&
               resp_parse_integer(word[2], &expires)) {
        struct entry *entry = table_peek(word[1]);
        if (entry)
            table_expire(entry, expires);
    } else if (record->count == 1 && slice_is(word[0], "FLUSHALL")) {
        table_clear();
    } else {
        return false;
    }
    return true;
}

// Returns how much of the log is whole.
static int64_t replay(int fd) {
    struct buffer input = {0};
    int64_t whole = 0;
    for (;;) {
        ssize_t got = read(fd, buffer_reserve(&input, BLOCK), BLOCK);
        if (got < 0)
            fail("read", path);
        if (got == 0)
            break;
        input.length += (size_t)got;
        for (;;) {
            struct resp_command record;
            const char *reason = "an unknown record";
            int64_t used = resp_parse_command(buffer_head(&input), input.length, &record, &reason);
            if (used == 0)
                break;
            if (used < 0 || buffer_head(&input)[0] != '*' || !apply(&record)) {
                fprintf(stderr, "store: %s is damaged at byte %" PRId64 ": %s\n", path, whole, reason);
                exit(1);
            }
            buffer_consume(&input, (size_t)used);
            whole += used;
        }
    }
    if (input.length > 0)
        fprintf(stderr, "store: dropped %zu bytes of an unfinished record at the end of the log\n",
                input.length);
    buffer_free(&input);
    return whole;
}

void journal_open(const char *folder) {
    snprintf(folder_path, sizeof folder_path, "%s", folder);
    snprintf(path, sizeof path, "%s/store.log", folder_path);
    snprintf(fresh_path, sizeof fresh_path, "%s/store.log.new", folder_path);
    unlink(fresh_path); // of a rewrite that was not finished
    log_fd = open(path, O_RDWR | O_CREAT | O_APPEND, 0600);
    if (log_fd < 0)
        fail("open", path);
    size = replay(log_fd);
    if (ftruncate(log_fd, size) < 0)
        fail("cut off the end of", path);
    table_sweep(1);
    // What the log would be if it were rewritten now, roughly: so restarts do not put the rewriting off.
    compact_size = (int64_t)table_bytes() < size ? (int64_t)table_bytes() : size;
}

static bool write_all(int fd, struct buffer *from) {
    while (from->length > 0) {
        ssize_t written = write(fd, buffer_head(from), from->length);
        if (written < 0)
            return false;
        buffer_consume(from, (size_t)written);
    }
    return true;
}

struct rewrite {
    int fd;
    struct buffer block;
    int64_t size;
    bool failed;
};

static void rewrite_entry(void *context, const struct entry *entry) {
    struct rewrite *rewrite = context;
    size_t before = rewrite->block.length;
    note_set(&rewrite->block, entry_key(entry), entry_value(entry), entry->expires);
    rewrite->size += (int64_t)(rewrite->block.length - before);
    if (rewrite->block.length >= BLOCK && !rewrite->failed)
        rewrite->failed = !write_all(rewrite->fd, &rewrite->block);
    if (rewrite->failed)
        buffer_consume(&rewrite->block, rewrite->block.length);
}

// The new name of a file is safe only when its folder is. Not every file system can sync a folder, so this is
// a wish.
static void sync_folder(void) {
    int fd = open(folder_path, O_RDONLY | O_DIRECTORY);
    if (fd >= 0) {
        (void)fsync(fd);
        close(fd);
    }
}

// Writes a log with nothing but the present data and puts it in the place of the old one. When that fails the
// old one stays, and the next attempt comes when it has doubled again.
static void rewrite_log(void) {
    struct rewrite rewrite = {.fd = open(fresh_path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600)};
    if (rewrite.fd >= 0)
        table_each(rewrite_entry, &rewrite);
    bool written = rewrite.fd >= 0 && !rewrite.failed && write_all(rewrite.fd, &rewrite.block) &&
                   fsync(rewrite.fd) == 0 && rename(fresh_path, path) == 0;
    if (written) {
        close(log_fd);
        log_fd = rewrite.fd;
        size = rewrite.size;
        sync_folder();
    } else {
        fprintf(stderr, "store: cannot rewrite the log: %s\n", strerror(errno));
        if (rewrite.fd >= 0)
            close(rewrite.fd);
        unlink(fresh_path);
    }
    compact_size = size;
    buffer_free(&rewrite.block);
}

// A log has one writer. If a second store runs on the same folder, the one that notices starts over from what
// the log says by now, instead of adding to it what was decided without knowing the rest.
static void check_sole_writer(void) {
    struct stat named, opened;
    if (stat(path, &named) < 0 || fstat(log_fd, &opened) < 0)
        fail("look at", path);
    if (named.st_ino != opened.st_ino || opened.st_size != size) {
        fprintf(stderr, "store: somebody else has changed %s\n", path);
        exit(1);
    }
}

void journal_commit(void) {
    if (noted.length == 0)
        return;
    check_sole_writer();
    size += (int64_t)noted.length;
    if (!write_all(log_fd, &noted) || fsync(log_fd) < 0)
        fail("write", path);
    if (size > REWRITE_MINIMUM && size > 2 * compact_size)
        rewrite_log();
}

int64_t journal_size(void) {
    return size;
}
