/* A host that is not ours: walks through every operation with a guest behind a hybrid socket.
 *
 *     host SOCKET
 *
 * Prints one line for each answer: what was asked, msg_type, msg_size, result, and the word where msg_size is 4. */
#include "upcall.h"

static int guest;

static void ask(const char *what, struct request *request) {
    struct reply reply;
    request->header.magic_version = MAGIC_VERSION;
    if (write(guest, request, sizeof *request) != sizeof *request) {
        die("write");
    }
    if (!read_all(guest, &reply, sizeof reply)) {
        printf("%s: end of stream\n", what);
        exit(1);
    }
    if (reply.header.magic_version != MAGIC_VERSION || reply.header.msg_flags != 0) {
        printf("%s: bad header\n", what);
        exit(1);
    }
    for (size_t i = 0; i < sizeof reply.zero; i++) {
        if (reply.zero[i] != 0) {
            printf("%s: byte %zu is not zero\n", what, 24 + i);
            exit(1);
        }
    }
    printf("%s: type %u size %u result %d", what, reply.header.msg_type, reply.header.msg_size, reply.result);
    printf(reply.header.msg_size == 4 ? " word %u\n" : "\n", reply.word);
}

static void ask_cpu(const char *what, uint32_t type, int count, const uint8_t *ids) {
    struct request request = {.header = {.msg_size = sizeof(struct cpu_load), .msg_type = type}};
    request.load.cpu.count = (uint8_t) count;
    request.load.cpu.apic_ver = 0x14;
    memcpy(request.load.cpu.apic_ids, ids, (size_t) count);
    ask(what, &request);
}

static void ask_mmio(const char *what, uint32_t type, uint64_t base, uint64_t size, uint32_t irq) {
    struct request request = {.header = {.msg_size = sizeof(struct mmio_load), .msg_type = type}};
    request.load.mmio = (struct mmio_load) {base, size, irq};
    ask(what, &request);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: host SOCKET\n");
        return 2;
    }
    struct sockaddr_un socket_address = address(argv[1]);
    char line[33];
    struct reply connect_frame;

    guest = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(guest, (struct sockaddr *) &socket_address, sizeof socket_address) != 0) {
        die("connect");
    }
    if (write(guest, "CONNECT 219\n", 12) != 12 || !read_line(guest, line, sizeof line)) {
        die("CONNECT");
    }
    if (strncmp(line, "OK ", 3) != 0) {
        printf("not an OK line: %s\n", line);
        return 1;
    }
    if (write(guest, "d", 1) != 1 || !read_all(guest, &connect_frame, sizeof connect_frame)) {
        die("service byte");
    }
    printf("CONNECT: type %u size %u\n", connect_frame.header.msg_type, connect_frame.header.msg_size);

    ask_cpu("add CPUs 1 and 2", ADD_CPU, 2, (uint8_t[]) {1, 2});
    ask_cpu("add CPU 1 again", ADD_CPU, 1, (uint8_t[]) {1});
    ask_cpu("remove CPU 2", DEL_CPU, 1, (uint8_t[]) {2});
    ask_cpu("remove the boot CPU", DEL_CPU, 1, (uint8_t[]) {0});
    ask_mmio("add a device", ADD_MMIO, 0xd0000000, 0x1000, 6);
    ask_mmio("add it again", ADD_MMIO, 0xd0000000, 0x1000, 6);
    ask_mmio("remove it", DEL_MMIO, 0xd0000000, 0x1000, 6);
    ask_mmio("remove it again", DEL_MMIO, 0xd0000000, 0x1000, 6);
    ask("ask what no kernel knows", &(struct request) {.header = {.msg_type = 99}});
    return 0;
}
