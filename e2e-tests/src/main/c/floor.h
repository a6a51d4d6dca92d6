/* What the C programs of the benchmarks share: frames, time, sockets, the upcall handshake. */
#ifndef FLOOR_H
#define FLOOR_H

#define _GNU_SOURCE

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { FRAME = 1024, MAGIC = 0x444D0100, ADD_MMIO = 5, MMIO_LOAD = 24 };

static inline void die(const char *what) {
    perror(what);
    exit(1);
}

/* The clock of Java's System.nanoTime. */
static inline int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static inline void header(uint8_t *frame, uint32_t size, uint32_t type) {
    uint32_t words[4] = {MAGIC, size, type, 0};
    memcpy(frame, words, sizeof words);
}

static inline struct sockaddr_un address(const char *path) {
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof a.sun_path) {
        fprintf(stderr, "path too long: %s\n", path);
        exit(1);
    }
    strcpy(a.sun_path, path);
    return a;
}

/* The path of listener i; the path itself where i is negative. */
static inline const char *numbered(char *out, size_t bytes, const char *path, int i) {
    snprintf(out, bytes, i < 0 ? "%s" : "%s.%d", path, i);
    return out;
}

static inline void raise_descriptors(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static inline int read_whole(int fd, uint8_t *into, int bytes) {
    for (int at = 0; at < bytes;) {
        ssize_t got = read(fd, into + at, bytes - at);
        if (got <= 0) return -1;
        at += got;
    }
    return 0;
}

/* Dials and shakes hands like the Java client: CONNECT line, OK line, service byte, CONNECT frame. -1: not now. */
static inline int dial(const char *path) {
    struct sockaddr_un a = address(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) die("socket");
    uint8_t frame[FRAME];
    char line[32];
    int length = 0;
    if (connect(fd, (struct sockaddr *)&a, sizeof a) < 0 || write(fd, "CONNECT 219\n", 12) != 12) goto failed;
    do {
        ssize_t got = read(fd, line + length, sizeof line - length);
        if (got <= 0) goto failed;
        length += got;
    } while (line[length - 1] != '\n' && length < (int)sizeof line);
    if (write(fd, "d", 1) != 1 || read_whole(fd, frame, FRAME) < 0) goto failed;
    return fd;
failed:
    close(fd);
    return -1;
}

#endif
