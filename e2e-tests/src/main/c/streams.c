/*
 * Streams through a hybrid socket, measured from the host's side; ports.c is at the far end.
 *
 *   streams connect PATH TIMES      CONNECT … OK, then an echo of one byte       → p50 NANOS p99 NANOS
 *   streams echo PATH MILLIS        1024 bytes there and back                    → p50 NANOS p99 NANOS
 *   streams send PATH MIB           to a guest that counts                       → rate BYTES_PER_SECOND
 *   streams receive PATH MIB        from a guest that says so much               → rate BYTES_PER_SECOND
 *   streams both PATH MIB           there and back, both at once                 → rate BYTES_PER_SECOND (one way)
 *   streams hold PATH N             opens N and keeps them until stdin says something → held N, then closed N
 */
#include "floor.h"
#include <poll.h>

enum { SAMPLES_MAX = 1000000, PIECE = 256 * 1024, ECHO = 1000, SINK = 1001, SOURCE = 1002 };

static uint8_t piece[PIECE];
static int64_t *samples;
static int taken;

static int ascending(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void print_samples(void) {
    qsort(samples, taken, sizeof *samples, ascending);
    printf("p50 %ld p99 %ld\n", (long)samples[taken / 2], (long)samples[(int)(taken * .99)]);
}

static int open_stream(const char *path, int port) {
    struct sockaddr_un a = address(path);
    char line[32];
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), length = snprintf(line, sizeof line, "CONNECT %d\n", port);
    if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a) < 0 || write(fd, line, length) != length) die(path);
    for (length = 0; length < (int)sizeof line; length++) {
        if (read(fd, line + length, 1) != 1) die("no OK line");
        if (line[length] == '\n') return fd;
    }
    fprintf(stderr, "no OK line\n");
    exit(1);
}

static void write_whole(int fd, const void *bytes, size_t count) {
    for (size_t at = 0; at < count;) {
        ssize_t done = write(fd, (const char *)bytes + at, count - at);
        if (done <= 0) die("write");
        at += done;
    }
}

static void connects(const char *path, int times) {
    for (int i = 0; i < times; i++) {
        int64_t before = now();
        int fd = open_stream(path, ECHO);
        samples[taken++] = now() - before;
        uint8_t byte = 1;
        write_whole(fd, &byte, 1);
        if (read_whole(fd, &byte, 1) < 0) die("read"); /* nothing unread is left behind */
        close(fd);
    }
    print_samples();
}

static void echoes(const char *path, int64_t millis) {
    int fd = open_stream(path, ECHO);
    int64_t begin = now(), before = begin;
    while (before < begin + millis * 1000000 && taken < SAMPLES_MAX) {
        write_whole(fd, piece, 1024);
        if (read_whole(fd, piece, 1024) < 0) die("read");
        int64_t after = now();
        samples[taken++] = after - before;
        before = after;
    }
    print_samples();
}

static void rate(uint64_t bytes, int64_t begin) {
    printf("rate %.0f\n", bytes * 1e9 / (now() - begin));
}

static void send_all(const char *path, uint64_t bytes) {
    int fd = open_stream(path, SINK);
    uint64_t counted;
    int64_t begin = now();
    write_whole(fd, &bytes, 8);
    for (uint64_t at = 0; at < bytes; at += PIECE) write_whole(fd, piece, PIECE);
    if (read_whole(fd, (uint8_t *)&counted, 8) < 0 || counted != bytes) die("the guest has not counted every byte");
    rate(bytes, begin);
}

static void receive_all(const char *path, uint64_t bytes) {
    int fd = open_stream(path, SOURCE);
    uint64_t got = 0;
    int64_t begin = now();
    write_whole(fd, &bytes, 8);
    while (got < bytes) {
        ssize_t n = read(fd, piece, PIECE);
        if (n <= 0) die("not every byte came");
        got += n;
    }
    rate(bytes, begin);
}

static void both_ways(const char *path, uint64_t bytes) {
    int fd = open_stream(path, ECHO);
    uint64_t sent = 0, got = 0;
    int64_t begin = now();
    while (got < bytes) {
        struct pollfd p = {.fd = fd, .events = POLLIN | (sent < bytes ? POLLOUT : 0)};
        if (poll(&p, 1, -1) < 0) die("poll");
        if (p.revents & POLLOUT) {
            ssize_t n = send(fd, piece, PIECE, MSG_DONTWAIT);
            if (n > 0) sent += n;
            else if (errno != EAGAIN) die("send");
        }
        if (p.revents & (POLLIN | POLLHUP)) {
            ssize_t n = recv(fd, piece, PIECE, MSG_DONTWAIT);
            if (n > 0) got += n;
            else if (n == 0 || errno != EAGAIN) die("recv");
        }
    }
    rate(bytes, begin);
}

static void hold(const char *path, int n) {
    int *fds = calloc(n, sizeof *fds);
    raise_descriptors();
    for (int i = 0; i < n; i++) {
        uint8_t byte = 1;
        fds[i] = open_stream(path, ECHO);
        write_whole(fds[i], &byte, 1);
        if (read_whole(fds[i], &byte, 1) < 0) die("read");
    }
    printf("held %d\n", n);
    fflush(stdout);
    char line[16];
    if (read(0, line, sizeof line) < 0) die("stdin");
    for (int i = 0; i < n; i++) close(fds[i]);
    printf("closed %d\n", n);
    fflush(stdout);
    if (read(0, line, sizeof line) < 0) die("stdin");
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: streams connect|echo|send|receive|both|hold PATH NUMBER\n");
        return 2;
    }
    samples = malloc(SAMPLES_MAX * sizeof *samples);
    const char *mode = argv[1], *path = argv[2];
    long number = atol(argv[3]);
    if (!strcmp(mode, "connect")) connects(path, number);
    else if (!strcmp(mode, "echo")) echoes(path, number);
    else if (!strcmp(mode, "send")) send_all(path, (uint64_t)number << 20);
    else if (!strcmp(mode, "receive")) receive_all(path, (uint64_t)number << 20);
    else if (!strcmp(mode, "both")) both_ways(path, (uint64_t)number << 20);
    else if (!strcmp(mode, "hold")) hold(path, number);
    else return 2;
    return 0;
}
