/*
 * The floor of the benchmarks: what a client written in C without any comfort reaches.
 *
 *   client ping PATH MILLIS        one blocking connection        → p50 NANOS p99 NANOS rate N
 *   client many PATH N MILLIS      N connections, one epoll       → rate N
 *   client connect PATH TIMES      dial … CONNECT frame           → p50 NANOS p99 NANOS
 *   client guests PATH N TIMES     N connections on N listeners   → connect NANOS broadcast NANOS rss KIB
 *   client wait PATH               inotify, dial when it appears  → connected NANOS, for each time it appears
 */
#include "floor.h"
#include <sys/inotify.h>

enum { WARM_UP = 2000, SAMPLES_MAX = 4000000 };

static uint8_t request[FRAME];
static int64_t *samples;
static int taken;

static int ascending(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int64_t percentile(double p) {
    int at = (int)(taken * p);
    return samples[at < taken ? at : taken - 1];
}

static void sort_samples(void) {
    qsort(samples, taken, sizeof *samples, ascending);
}

static int dial_or_die(const char *path) {
    int fd = dial(path);
    if (fd < 0) die(path);
    return fd;
}

static void send_request(int fd) {
    if (write(fd, request, FRAME) != FRAME) die("write");
}

static void ping(const char *path, int64_t millis) {
    int fd = dial_or_die(path);
    uint8_t reply[FRAME];
    for (int i = 0; i < WARM_UP; i++) {
        send_request(fd);
        if (read_whole(fd, reply, FRAME) < 0) die("read");
    }
    int64_t begin = now(), before = begin, end = begin + millis * 1000000;
    while (before < end && taken < SAMPLES_MAX) {
        send_request(fd);
        if (read_whole(fd, reply, FRAME) < 0) die("read");
        int64_t after = now();
        samples[taken++] = after - before;
        before = after;
    }
    int n = taken;
    sort_samples();
    printf("p50 %ld p99 %ld rate %.0f\n", (long)percentile(.5), (long)percentile(.99), n * 1e9 / (before - begin));
}

/* Each connection has one request out at any time. */
static void many(const char *path, int n, int64_t millis) {
    int poller = epoll_create1(0);
    for (int i = 0; i < n; i++) {
        struct epoll_event e = {.events = EPOLLIN, .data.fd = dial_or_die(path)};
        epoll_ctl(poller, EPOLL_CTL_ADD, e.data.fd, &e);
        send_request(e.data.fd);
    }
    uint8_t reply[FRAME];
    struct epoll_event ready[256];
    int64_t begin = now(), at = begin, end = begin + millis * 1000000;
    long answers = 0;
    while (at < end) {
        int count = epoll_wait(poller, ready, 256, -1);
        for (int i = 0; i < count; i++) {
            if (read_whole(ready[i].data.fd, reply, FRAME) < 0) die("read");
            send_request(ready[i].data.fd);
            answers++;
        }
        at = now();
    }
    printf("rate %.0f\n", answers * 1e9 / (at - begin));
}

static void connects(const char *path, int times) {
    for (int i = 0; i < times; i++) {
        int64_t before = now();
        int fd = dial_or_die(path);
        samples[taken++] = now() - before;
        close(fd);
    }
    sort_samples();
    printf("p50 %ld p99 %ld\n", (long)percentile(.5), (long)percentile(.99));
}

static long rss_kib(void) {
    long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (!f || fscanf(f, "%*s %ld", &pages) != 1) die("statm");
    fclose(f);
    return pages * sysconf(_SC_PAGESIZE) / 1024;
}

static void guests(const char *path, int n, int times) {
    raise_descriptors();
    int *fds = calloc(n, sizeof *fds), poller = epoll_create1(0);
    char name[108];
    int64_t begin = now();
    for (int i = 0; i < n; i++) {
        fds[i] = dial_or_die(numbered(name, sizeof name, path, i));
        struct epoll_event e = {.events = EPOLLIN, .data.fd = fds[i]};
        epoll_ctl(poller, EPOLL_CTL_ADD, fds[i], &e);
    }
    int64_t connected = now() - begin;
    uint8_t reply[FRAME];
    struct epoll_event ready[256];
    for (int round = 0; round < times; round++) {
        int64_t before = now();
        for (int i = 0; i < n; i++) send_request(fds[i]);
        for (int left = n; left > 0;) {
            int count = epoll_wait(poller, ready, 256, -1);
            for (int i = 0; i < count; i++)
                if (read_whole(ready[i].data.fd, reply, FRAME) < 0) die("read");
            left -= count;
        }
        samples[taken++] = now() - before;
    }
    sort_samples();
    printf("connect %ld broadcast %ld rss %ld\n", (long)connected, (long)percentile(.5), rss_kib());
}

static void await_end(int fd) {
    char byte;
    while (read(fd, &byte, 1) > 0) {}
    close(fd);
}

static void wait_for(const char *path) {
    char folder[108], events[4096];
    snprintf(folder, sizeof folder, "%s", path);
    *strrchr(folder, '/') = 0;
    int watch = inotify_init1(IN_CLOEXEC);
    if (inotify_add_watch(watch, folder, IN_CREATE | IN_MOVED_TO) < 0) die(folder);
    for (;;) {
        int fd = dial(path);
        if (fd < 0 && errno == ENOENT) {
            if (read(watch, events, sizeof events) <= 0) die("inotify");
            continue;
        }
        if (fd < 0) continue; /* bound but not listening yet: some microseconds */
        printf("connected %ld\n", (long)now());
        fflush(stdout);
        await_end(fd);
    }
}

int main(int argc, char **argv) {
    header(request, MMIO_LOAD, ADD_MMIO);
    uint64_t device[3] = {0xD0000000, 0x1000, 5};
    memcpy(request + 16, device, sizeof device);
    samples = malloc(SAMPLES_MAX * sizeof *samples);
    const char *mode = argc > 2 ? argv[1] : "";
    if (!strcmp(mode, "ping") && argc == 4) ping(argv[2], atoi(argv[3]));
    else if (!strcmp(mode, "many") && argc == 5) many(argv[2], atoi(argv[3]), atoi(argv[4]));
    else if (!strcmp(mode, "connect") && argc == 4) connects(argv[2], atoi(argv[3]));
    else if (!strcmp(mode, "guests") && argc == 5) guests(argv[2], atoi(argv[3]), atoi(argv[4]));
    else if (!strcmp(mode, "wait") && argc == 3) wait_for(argv[2]);
    else {
        fprintf(stderr, "usage: client ping|many|connect|guests|wait PATH …\n");
        return 2;
    }
    return 0;
}
