// `hog.wasm memory|descriptors|opening|recursion`: takes all it can get of one thing, says on stdout how far it
// came, and for the first two which error stopped it. `opening` goes on for ever then, giving one back to try
// again. Recursion says as it goes, because it ends in a trap.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Every page is written to, so the memory is really there and not only promised. The compiler must believe that
// somebody looks at the blocks, or it takes their allocation away, and the loop and all with it.
static char *volatile last_block;

static int hog_memory(void) {
    enum { STEP = 1024 * 1024 };
    int megabytes = 0;
    for (; (last_block = malloc(STEP)) != NULL; megabytes++)
        memset(last_block, 0xa5, STEP);
    printf("memory: %d MiB, then %s\n", megabytes, strerror(errno));
    return 0;
}

static int hog_descriptors(void) {
    int opened = 0;
    while (open("/", O_RDONLY) >= 0)
        opened++;
    printf("descriptors: %d, then %s (errno %d)\n", opened, strerror(errno), errno);
    return 0;
}

static int hog_opening(void) {
    for (int opened = 0, last = -1;; opened++) {
        int next = open("/", O_RDONLY);
        if (next >= 0) {
            last = next;
        } else if (last >= 0) {
            printf("%d descriptors, and on\n", opened);
            fflush(stdout);
            close(last);
            last = -1;
        }
    }
}

// A call without variables in memory, so that it is the engine's own stack that runs out and not the C stack
// inside the guest's memory. What is done after the call keeps the compiler from making a loop of it.
static volatile int one = 1;

static void report(int depth) {
    static char line[48];
    int length = snprintf(line, sizeof line, "recursion: %d\n", depth);
    if (write(STDOUT_FILENO, line, (size_t)length) < 0)
        exit(1);
}

__attribute__((noinline)) static int recurse(int depth) {
    if (depth % 1024 == 0)
        report(depth);
    if (one == 0)
        return depth;
    int below = recurse(depth + one);
    return below / one;
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    if (strcmp(what, "memory") == 0)
        return hog_memory();
    if (strcmp(what, "descriptors") == 0)
        return hog_descriptors();
    if (strcmp(what, "opening") == 0)
        return hog_opening();
    if (strcmp(what, "recursion") == 0)
        return recurse(0);
    fprintf(stderr, "usage: %s memory|descriptors|opening|recursion\n", argv[0]);
    return 2;
}
