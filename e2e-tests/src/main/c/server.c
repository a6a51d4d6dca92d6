/*
 * The guest of the benchmarks: the upcall service behind hybrid UNIX sockets, as fast as epoll allows.
 *
 *   server PATH                 listens on PATH
 *   server PATH FIRST COUNT     listens on PATH.FIRST, PATH.FIRST+1 …
 *
 * Answers every request with success, and a question for extensions as a stock kernel does. Commands on stdin, answers on stdout:
 *
 *   drop   closes all connections                 → dropped NANOS   just before the first close
 *   down   closes connections and listeners       → down NANOS
 *   up     binds and listens again                → up NANOS        just after the last listen()
 *
 * NANOS is CLOCK_MONOTONIC, so a client on the same machine can subtract.
 */
#include "floor.h"

enum { LISTENER, LINE, SERVICE, REQUEST, COMMAND };

typedef struct peer {
    int fd, kind, gathered;
    struct peer *next, *previous;
    uint8_t *frame;
} peer;

static int poller, listeners = 1, first = -1;
static const char *path;
static peer **doors;
static peer connections = {.next = &connections, .previous = &connections};

static peer *enter(int fd, int kind) {
    peer *p = calloc(1, sizeof *p);
    p->fd = fd;
    p->kind = kind;
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = p};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &e) < 0) die("epoll_ctl");
    return p;
}

static void up(void) {
    char name[108];
    for (int i = 0; i < listeners; i++) {
        struct sockaddr_un a = address(numbered(name, sizeof name, path, first < 0 ? -1 : first + i));
        unlink(a.sun_path);
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) < 0 || listen(fd, 1024) < 0) die(a.sun_path);
        doors[i] = enter(fd, LISTENER);
    }
}

static void leave(peer *p) {
    close(p->fd);
    p->next->previous = p->previous;
    p->previous->next = p->next;
    free(p->frame);
    free(p);
}

static void drop(void) {
    while (connections.next != &connections) leave(connections.next);
}

static void down(void) {
    char name[108];
    for (int i = 0; i < listeners; i++) {
        unlink(numbered(name, sizeof name, path, first < 0 ? -1 : first + i));
        close(doors[i]->fd);
        free(doors[i]);
    }
    drop();
}

static void command(void) {
    char line[64];
    ssize_t got = read(0, line, sizeof line - 1);
    if (got <= 0) {
        down();
        exit(0);
    }
    line[got] = 0;
    int64_t at = now();
    if (!strncmp(line, "drop", 4)) {
        drop();
        printf("dropped %ld\n", (long)at);
    } else if (!strncmp(line, "down", 4)) {
        down();
        printf("down %ld\n", (long)at);
    } else {
        up();
        printf("up %ld\n", (long)now());
    }
    fflush(stdout);
}

static void answer(peer *p) {
    uint32_t type, count = 0;
    memcpy(&type, p->frame + 8, 4);
    int cpu = type == 1 || type == 2;
    if (cpu) count = p->frame[16];
    memset(p->frame, 0, FRAME);
    header(p->frame, cpu ? 4 : 0, type);
    int32_t result = type >= 0x100 ? -1 : 0; /* a stock kernel knows no extensions */
    memcpy(p->frame + 16, &result, 4);
    memcpy(p->frame + 20, &count, 4);
    p->gathered = 0;
    if (write(p->fd, p->frame, FRAME) != FRAME) leave(p);
}

static void hear(peer *p) {
    if (!p->frame) p->frame = malloc(FRAME);
    ssize_t got = read(p->fd, p->frame + p->gathered, FRAME - p->gathered);
    if (got <= 0) {
        if (got < 0 && errno == EAGAIN) return;
        leave(p);
        return;
    }
    p->gathered += got;
    if (p->kind == REQUEST) {
        if (p->gathered == FRAME) answer(p);
    } else if (p->kind == LINE) {
        if (p->frame[p->gathered - 1] != '\n') return;
        p->kind = SERVICE;
        p->gathered = 0;
        if (write(p->fd, "OK 1073741824\n", 14) != 14) leave(p);
    } else {
        p->kind = REQUEST;
        p->gathered = 0;
        uint8_t frame[FRAME] = {0};
        header(frame, 0, 0);
        if (write(p->fd, frame, FRAME) != FRAME) leave(p);
    }
}

static void welcome(peer *door) {
    int fd = accept4(door->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return;
    peer *p = enter(fd, LINE);
    p->next = connections.next;
    p->previous = &connections;
    connections.next->previous = p;
    connections.next = p;
}

int main(int argc, char **argv) {
    if (argc != 2 && argc != 4) {
        fprintf(stderr, "usage: server PATH [FIRST COUNT]\n");
        return 2;
    }
    path = argv[1];
    if (argc == 4) {
        first = atoi(argv[2]);
        listeners = atoi(argv[3]);
    }
    raise_descriptors();
    doors = calloc(listeners, sizeof *doors);
    signal(SIGPIPE, SIG_IGN);
    poller = epoll_create1(EPOLL_CLOEXEC);
    enter(0, COMMAND);
    up();
    printf("up %ld\n", (long)now());
    fflush(stdout);
    struct epoll_event event;
    for (;;) {
        /* One at a time: what an event makes invalid is then never in the same batch. */
        if (epoll_wait(poller, &event, 1, -1) != 1) continue;
        peer *p = event.data.ptr;
        if (p->kind == COMMAND) command();
        else if (p->kind == LISTENER) welcome(p);
        else hear(p);
    }
}
