// `exit.wasm CODE [MILLISECONDS]`: prints a line without its end and exits with the code when the time has
// passed.
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "usage: %s CODE [MILLISECONDS]\n", argv[0]);
        return 2;
    }
    long milliseconds = argc > 2 ? atol(argv[2]) : 0;
    printf("leaving");
    fflush(stdout);
    if (milliseconds > 0)
        nanosleep(&(struct timespec){milliseconds / 1000, milliseconds % 1000 * 1000000}, NULL);
    return atoi(argv[1]);
}
