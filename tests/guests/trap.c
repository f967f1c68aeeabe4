// `trap.wasm [MILLISECONDS]`: executes the instruction that must never be reached, when the time has passed.
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int main(int argc, char **argv) {
    long milliseconds = argc > 1 ? atol(argv[1]) : 0;
    puts("trapping");
    fflush(stdout);
    if (milliseconds > 0)
        nanosleep(&(struct timespec){milliseconds / 1000, milliseconds % 1000 * 1000000}, NULL);
    __builtin_trap();
}
