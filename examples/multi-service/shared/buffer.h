// A byte queue: appended at its end, consumed from its start. It owns no memory while it is empty and has
// never been used, so that a thousand idle connections cost next to nothing.
#ifndef BUFFER_H
#define BUFFER_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct buffer {
    char *data;
    size_t start, length, capacity;
};

static inline char *buffer_head(const struct buffer *buffer) {
    return buffer->data + buffer->start;
}

// Makes room for `extra` more bytes and returns where they go. A service that is out of memory ends, because
// everything it could still say would need memory too; the runner's restart policy takes it from there.
static inline char *buffer_reserve(struct buffer *buffer, size_t extra) {
    if (buffer->start + buffer->length + extra > buffer->capacity) {
        if (buffer->start > 0) {
            memmove(buffer->data, buffer_head(buffer), buffer->length);
            buffer->start = 0;
        }
        if (buffer->length + extra > buffer->capacity) {
            size_t capacity = buffer->capacity ? buffer->capacity : 512;
            while (capacity < buffer->length + extra)
                capacity *= 2;
            char *data = realloc(buffer->data, capacity);
            if (!data) {
                fputs("out of memory\n", stderr);
                exit(1);
            }
            buffer->data = data;
            buffer->capacity = capacity;
        }
    }
    return buffer_head(buffer) + buffer->length;
}

static inline void buffer_append(struct buffer *buffer, const void *bytes, size_t length) {
    if (length > 0) {
        memcpy(buffer_reserve(buffer, length), bytes, length);
        buffer->length += length;
    }
}

static inline void buffer_text(struct buffer *buffer, const char *text) {
    buffer_append(buffer, text, strlen(text));
}

__attribute__((format(printf, 2, 3))) static inline void buffer_format(struct buffer *buffer,
                                                                       const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    va_list measured;
    va_copy(measured, arguments);
    int length = vsnprintf(NULL, 0, format, measured);
    va_end(measured);
    if (length > 0) {
        vsnprintf(buffer_reserve(buffer, (size_t)length + 1), (size_t)length + 1, format, arguments);
        buffer->length += (size_t)length;
    }
    va_end(arguments);
}

static inline void buffer_free(struct buffer *buffer) {
    free(buffer->data);
    *buffer = (struct buffer){0};
}

// Drops bytes from the start; an emptied buffer that had grown large gives its memory back.
static inline void buffer_consume(struct buffer *buffer, size_t length) {
    buffer->start += length;
    buffer->length -= length;
    if (buffer->length == 0) {
        buffer->start = 0;
        if (buffer->capacity > 4096)
            buffer_free(buffer);
    }
}

#endif
