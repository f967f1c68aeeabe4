#include "table.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static struct entry **buckets;
static size_t bucket_count, count, expiring, bytes, swept;
static uint64_t seed; // differs from run to run, so that nobody can prepare keys that all share a bucket

int64_t wall_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void *allocate(size_t size, size_t number) {
    void *memory = calloc(number, size);
    if (!memory) {
        fputs("out of memory\n", stderr);
        exit(1);
    }
    return memory;
}

void table_init(void) {
    if (getentropy(&seed, sizeof seed) < 0) {
        perror("getentropy");
        exit(1);
    }
    bucket_count = 1024;
    buckets = allocate(sizeof *buckets, bucket_count);
}

// FNV-1a, with a last round that spreads every bit over all.
static uint64_t hash_of(struct slice key) {
    uint64_t hash = 0xcbf29ce484222325 ^ seed;
    for (size_t i = 0; i < key.length; i++)
        hash = (hash ^ (unsigned char)key.data[i]) * 0x100000001b3;
    hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccd;
    return hash ^ hash >> 33;
}

static size_t weight(const struct entry *entry) {
    return sizeof *entry + entry->key_length + entry->value_length;
}

static void grow(void) {
    size_t wider = bucket_count * 2;
    struct entry **fresh = allocate(sizeof *fresh, wider);
    for (size_t i = 0; i < bucket_count; i++)
        for (struct entry *entry = buckets[i], *next; entry; entry = next) {
            next = entry->next;
            struct entry **slot = &fresh[entry->hash & (wider - 1)];
            entry->next = *slot;
            *slot = entry;
        }
    free(buckets);
    buckets = fresh;
    bucket_count = wider;
    swept = 0;
}

// The link that points to the key's entry, or the one at the end of its chain.
static struct entry **link_of(struct slice key, uint64_t hash) {
    struct entry **link = &buckets[hash & (bucket_count - 1)];
    while (*link && ((*link)->hash != hash || !slice_equal(entry_key(*link), key)))
        link = &(*link)->next;
    return link;
}

static void unlink_entry(struct entry **link) {
    struct entry *entry = *link;
    *link = entry->next;
    count--;
    expiring -= entry->expires != 0;
    bytes -= weight(entry);
    free(entry->value);
    free(entry);
}

static bool expired(const struct entry *entry) {
    return entry->expires != 0 && entry->expires <= wall_clock();
}

struct entry *table_find(struct slice key) {
    struct entry **link = link_of(key, hash_of(key));
    if (*link && expired(*link))
        unlink_entry(link);
    else if (*link)
        return *link;
    return NULL;
}

struct entry *table_peek(struct slice key) {
    return *link_of(key, hash_of(key));
}

void table_expire(struct entry *entry, int64_t expires) {
    expiring -= entry->expires != 0;
    entry->expires = expires;
    expiring += entry->expires != 0;
}

void table_set(struct slice key, struct slice value, int64_t expires) {
    uint64_t hash = hash_of(key);
    struct entry **link = link_of(key, hash), *entry = *link;
    char *copy = allocate(1, value.length ? value.length : 1);
    memcpy(copy, value.data, value.length);
    if (!entry) {
        entry = allocate(1, sizeof *entry + key.length);
        entry->hash = hash;
        entry->key_length = key.length;
        memcpy(entry->key, key.data, key.length);
        *link = entry;
        count++;
        bytes += weight(entry);
    }
    free(entry->value);
    bytes += value.length - entry->value_length;
    entry->value = copy;
    entry->value_length = value.length;
    table_expire(entry, expires);
    if (count > bucket_count)
        grow();
}

bool table_remove(struct slice key) {
    struct entry **link = link_of(key, hash_of(key));
    if (!*link)
        return false;
    bool live = !expired(*link);
    unlink_entry(link);
    return live;
}

void table_clear(void) {
    for (size_t i = 0; i < bucket_count; i++)
        while (buckets[i])
            unlink_entry(&buckets[i]);
}

size_t table_count(void) {
    return count;
}

size_t table_expiring(void) {
    return expiring;
}

size_t table_bytes(void) {
    return bytes + bucket_count * sizeof *buckets;
}

void table_each(void (*visit)(void *context, const struct entry *entry), void *context) {
    int64_t now = wall_clock();
    for (size_t i = 0; i < bucket_count; i++)
        for (struct entry *entry = buckets[i]; entry; entry = entry->next)
            if (entry->expires == 0 || entry->expires > now)
                visit(context, entry);
}

void table_sweep(size_t parts) {
    int64_t now = wall_clock();
    for (size_t i = 0; expiring > 0 && i < bucket_count / parts; i++) {
        swept = (swept + 1) & (bucket_count - 1);
        for (struct entry **link = &buckets[swept]; *link;)
            if ((*link)->expires != 0 && (*link)->expires <= now)
                unlink_entry(link);
            else
                link = &(*link)->next;
    }
}
