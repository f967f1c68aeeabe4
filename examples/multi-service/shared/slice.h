// A piece of text or bytes inside somebody else's buffer, not terminated by a NUL.
#ifndef SLICE_H
#define SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

struct slice {
    const char *data;
    size_t length;
};

static inline struct slice slice_of(const char *text) {
    return (struct slice){text, strlen(text)};
}

static inline bool slice_equal(struct slice a, struct slice b) {
    return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

static inline bool slice_equal_ignoring_case(struct slice a, struct slice b) {
    return a.length == b.length && (a.length == 0 || strncasecmp(a.data, b.data, a.length) == 0);
}

static inline bool slice_is(struct slice slice, const char *text) {
    return slice_equal(slice, slice_of(text));
}

static inline bool slice_is_ignoring_case(struct slice slice, const char *text) {
    return slice_equal_ignoring_case(slice, slice_of(text));
}

static inline bool slice_starts(struct slice slice, const char *prefix) {
    size_t length = strlen(prefix);
    return slice.length >= length && memcmp(slice.data, prefix, length) == 0;
}

#endif
