// Works on files for a while and prints how often per second each kind of work was done: the calls that an
// interpreter makes when it starts, and a server of static files makes for each request.
//
//     files FOLDER SECONDS
//
// The folder is filled first; it should be empty.
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { FILES = 500, CHUNK = 4096, BIG = 1024 * 1024 };

static char folder[512];
static char paths[FILES][600]; // written out once: what is measured is not printf
static int big;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void check(bool fine, const char *what) {
    if (!fine) {
        perror(what);
        exit(1);
    }
}

static const char *path_of(int number) {
    return paths[number % FILES];
}

static void fill(int number, size_t size) {
    static char bytes[BIG];
    int fd = open(path_of(number), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    check(fd >= 0, "open");
    check(write(fd, bytes, size) == (ssize_t)size, "write");
    close(fd);
}

static void read_chunk(int turn) {
    static char bytes[CHUNK];
    off_t at = (off_t)(turn % (BIG / CHUNK)) * CHUNK;
    check(pread(big, bytes, sizeof bytes, at) == sizeof bytes, "pread");
}

static void read_whole_file(int turn) {
    static char bytes[2 * CHUNK];
    int fd = open(path_of(1 + turn % (FILES - 1)), O_RDONLY);
    check(fd >= 0, "open");
    check(read(fd, bytes, sizeof bytes) == CHUNK, "read");
    close(fd);
}

static void stat_file(int turn) {
    struct stat status;
    check(stat(path_of(turn), &status) == 0, "stat");
}

static void list_folder(int turn) {
    (void)turn;
    DIR *directory = opendir(folder);
    check(directory != NULL, "opendir");
    int found = 0;
    while (readdir(directory))
        found++;
    closedir(directory);
    check(found >= FILES, "readdir");
}

static void measure(const char *name, void (*work)(int), double seconds) {
    double start = now();
    int turns = 0;
    while (now() - start < seconds)
        for (int i = 0; i < 16; i++)
            work(turns++);
    printf("%s: %.1f\n", name, turns / (now() - start));
}

int main(int argc, char **argv) {
    if (argc != 3 || strlen(argv[1]) >= sizeof folder) {
        fprintf(stderr, "usage: files FOLDER SECONDS\n");
        return 2;
    }
    strcpy(folder, argv[1]);
    double seconds = atof(argv[2]);
    for (int i = 0; i < FILES; i++)
        snprintf(paths[i], sizeof paths[i], "%s/file%d", folder, i);
    fill(0, BIG);
    for (int i = 1; i < FILES; i++)
        fill(i, CHUNK);
    big = open(path_of(0), O_RDONLY);
    check(big >= 0, "open");
    measure("read", read_chunk, seconds);
    measure("open, read, close", read_whole_file, seconds);
    measure("stat", stat_file, seconds);
    measure("list", list_folder, seconds);
    return 0;
}
