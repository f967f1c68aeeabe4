// Times how long a native server takes from fork until it listens: `spawn ROUNDS PROGRAM PORT`. The server says
// that it listens by its first line on standard output. Prints the median in microseconds.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

int main(int argc, char **argv) {
    if (argc != 4)
        return 2;
    int rounds = atoi(argv[1]);
    double *times = calloc(rounds, sizeof *times);
    for (int i = 0; i < rounds; i++) {
        int out[2];
        if (pipe(out) != 0)
            return 1;
        double start = now();
        pid_t child = vfork();
        if (child == 0) {
            dup2(out[1], 1);
            close(out[0]);
            close(out[1]);
            execl(argv[2], argv[2], argv[3], (char *)NULL);
            _exit(127);
        }
        close(out[1]);
        char byte;
        if (child < 0 || read(out[0], &byte, 1) != 1)
            return 1;
        times[i] = now() - start;
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        close(out[0]);
    }
    qsort(times, rounds, sizeof *times, compare);
    printf("%.1f\n", times[rounds / 2]);
    return 0;
}
