/*
 * The far end of the streams that the vsock benchmarks carry: in a guest, or behind a UNIX socket as the floor.
 *
 *   ports vsock         inside a guest: AF_VSOCK, any CID
 *   ports unix PATH     a hybrid socket, without a machine behind it: CONNECT line, OK line, then the port
 *
 *   port  219   the upcall service: every request succeeds
 *   port 1000   echo
 *   port 1001   reads how much will come, 8 bytes, and so much; then says how much came, 8 bytes
 *   port 1002   reads how much to say, 8 bytes, and says so much
 *
 * Nobody ends one direction only: not every back-end can (vhost-device-vsock 0.3 cannot).
 *
 * One thread, blocking writes: one stream at a time does something, thousands may be idle.
 */
#include "floor.h"
#include <linux/vm_sockets.h>

/* Of a listener: negative, the kind of those that come. */
enum { LINE = 1, SERVICE, REQUEST, ECHO, SINK, SOURCE, BUFFER = 256 * 1024 };

typedef struct {
    int kind, gathered;
    uint64_t count, wanted;
    uint8_t *frame;
} stream;

static stream *streams;
static int poller;
static uint8_t buffer[BUFFER];

static int kind_of(unsigned port) {
    return port == 219 ? SERVICE : port == 1000 ? ECHO : port == 1001 ? SINK : port == 1002 ? SOURCE : 0;
}

static void enter(int fd, int kind) {
    streams[fd] = (stream){.kind = kind};
    struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &e) < 0) die("epoll_ctl");
}

static void leave(int fd) {
    free(streams[fd].frame);
    streams[fd] = (stream){0};
    close(fd);
}

static int say(int fd, const void *bytes, size_t count) {
    for (size_t at = 0; at < count;) {
        ssize_t done = write(fd, (const char *)bytes + at, count - at);
        if (done <= 0) return -1;
        at += done;
    }
    return 0;
}

static void answer(int fd, stream *s) {
    uint32_t type, count;
    memcpy(&type, s->frame + 8, 4);
    int cpu = type == 1 || type == 2;
    count = cpu ? s->frame[16] : 0;
    memset(s->frame, 0, FRAME);
    header(s->frame, cpu ? 4 : 0, type);
    int32_t result = type >= 0x100 ? -1 : 0; /* a stock kernel knows no extensions */
    memcpy(s->frame + 16, &result, 4);
    memcpy(s->frame + 20, &count, 4);
    s->gathered = 0;
    if (say(fd, s->frame, FRAME) < 0) leave(fd);
}

static void pour(int fd, uint64_t count) {
    while (count > 0) {
        size_t piece = count < BUFFER ? count : BUFFER;
        if (say(fd, buffer, piece) < 0) break;
        count -= piece;
    }
}

/* Gathers up to `wanted` bytes; true when they are there. */
static int gather(int fd, stream *s, int wanted) {
    if (!s->frame) s->frame = malloc(FRAME);
    ssize_t got = read(fd, s->frame + s->gathered, wanted - s->gathered);
    if (got <= 0) {
        leave(fd);
        return 0;
    }
    s->gathered += got;
    return s->gathered == wanted;
}

static void line(int fd, stream *s) {
    if (!s->frame) s->frame = calloc(1, FRAME);
    if (read(fd, s->frame + s->gathered, 1) != 1 || s->gathered > 30) {
        leave(fd);
        return;
    }
    if (s->frame[s->gathered++] != '\n') return;
    int kind = kind_of(atoi((char *)s->frame + 8));
    if (!kind || say(fd, "OK 1073741824\n", 14) < 0) {
        leave(fd);
        return;
    }
    s->kind = kind;
    s->gathered = 0;
}

static void heard(int fd, stream *s) {
    uint64_t wanted;
    switch (s->kind) {
    case LINE: line(fd, s); return;
    case SERVICE: {
        uint8_t frame[FRAME] = {0};
        if (!gather(fd, s, 1)) return;
        s->kind = REQUEST;
        s->gathered = 0;
        header(frame, 0, 0);
        if (say(fd, frame, FRAME) < 0) leave(fd);
        return;
    }
    case REQUEST:
        if (gather(fd, s, FRAME)) answer(fd, s);
        return;
    case SINK:
        if (s->gathered == 8) break;
        if (gather(fd, s, 8)) memcpy(&s->wanted, s->frame, 8);
        return;
    case SOURCE:
        if (!gather(fd, s, 8)) return;
        memcpy(&wanted, s->frame, 8);
        pour(fd, wanted);
        s->gathered = 0; /* the next read is the end */
        return;
    }
    ssize_t got = read(fd, buffer, BUFFER);
    if (s->kind == SINK && got > 0) {
        s->count += got;
        if (s->count == s->wanted && say(fd, &s->count, 8) < 0) leave(fd);
    } else if (s->kind == SINK || got <= 0 || say(fd, buffer, got) < 0) leave(fd);
}

static void listen_vsock(unsigned port) {
    struct sockaddr_vm a = {.svm_family = AF_VSOCK, .svm_port = port, .svm_cid = VMADDR_CID_ANY};
    int fd = socket(AF_VSOCK, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) < 0 || listen(fd, 1024) < 0) die("vsock");
    enter(fd, -kind_of(port));
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "usage: ports vsock | unix PATH\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    raise_descriptors();
    struct rlimit most;
    getrlimit(RLIMIT_NOFILE, &most);
    streams = calloc(most.rlim_cur, sizeof *streams);
    poller = epoll_create1(EPOLL_CLOEXEC);
    if (!strcmp(argv[1], "vsock")) {
        listen_vsock(219);
        for (int port = 1000; port <= 1002; port++) listen_vsock(port);
    } else {
        struct sockaddr_un a = address(argv[2]);
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);
        unlink(argv[2]);
        if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) < 0 || listen(fd, 1024) < 0) die(argv[2]);
        enter(fd, -LINE);
    }
    printf("ports 1\n");
    fflush(stdout);
    struct epoll_event event;
    for (;;) {
        /* One at a time: what an event makes invalid is then never in the same batch. */
        if (epoll_wait(poller, &event, 1, -1) != 1) continue;
        int fd = event.data.fd;
        if (streams[fd].kind < 0) {
            int came = accept(fd, NULL, NULL);
            if (came >= 0) enter(came, -streams[fd].kind);
        } else heard(fd, &streams[fd]);
    }
}
