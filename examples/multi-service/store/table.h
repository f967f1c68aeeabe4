// The keys and values in memory: a hash table with chains that doubles as it fills, and with keys that
// expire.
#ifndef TABLE_H
#define TABLE_H

#include "../shared/slice.h"
#include <stdint.h>

struct entry {
    struct entry *next;
    uint64_t hash;
    int64_t expires; // in milliseconds of the wall clock; 0 for never
    char *value;
    size_t value_length, key_length;
    char key[];
};

// Milliseconds of the wall clock.
int64_t wall_clock(void);

void table_init(void);
struct entry *table_find(struct slice key); // NULL if there is none, or if it has expired
struct entry *table_peek(struct slice key); // the same, but expired ones too
void table_set(struct slice key, struct slice value, int64_t expires);
void table_expire(struct entry *entry, int64_t expires);
bool table_remove(struct slice key); // whether it was there
void table_clear(void);

size_t table_count(void);
size_t table_expiring(void); // how many of them will expire
size_t table_bytes(void);

// Calls with every key that has not expired; the function must not change the table.
void table_each(void (*visit)(void *context, const struct entry *entry), void *context);

// Drops expired keys from one part of the table out of so many, the next part with each call.
void table_sweep(size_t parts);

static inline struct slice entry_key(const struct entry *entry) {
    return (struct slice){entry->key, entry->key_length};
}

static inline struct slice entry_value(const struct entry *entry) {
    return (struct slice){entry->value, entry->value_length};
}

#endif
