// `spin.wasm`: an endless loop that never calls the host, so that only the engine itself can interrupt it.
#include <stdio.h>

int main(void) {
    puts("spinning");
    fflush(stdout);
    for (;;)
        __asm__ volatile("");
}
