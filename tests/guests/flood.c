// `flood.wasm [BYTES]`: numbered lines on stdout, as fast as they are taken; without a number for ever. Every
// line has the same length, so a test can tell which of them are missing: 15 digits and a line feed.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE = 16, LINES = 4096 };

static void number_line(char *line, uint64_t number) {
    line[LINE - 1] = '\n';
    for (int digit = LINE - 2; digit >= 0; digit--, number /= 10)
        line[digit] = (char)('0' + number % 10);
}

int main(int argc, char **argv) {
    static char block[LINE * LINES];
    uint64_t left = argc > 1 ? strtoull(argv[1], NULL, 10) : UINT64_MAX;
    for (uint64_t number = 0; left > 0;) {
        for (size_t i = 0; i < LINES; i++)
            number_line(block + i * LINE, number++);
        size_t length = left < sizeof block ? (size_t)left : sizeof block;
        for (size_t done = 0; done < length;) {
            ssize_t written = write(STDOUT_FILENO, block + done, length - done);
            if (written < 0) {
                perror("write");
                return 1;
            }
            done += (size_t)written;
        }
        left -= argc > 1 ? length : 0;
    }
    return 0;
}
