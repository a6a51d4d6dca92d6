/* A guest that is not ours: an upcall service behind a hybrid socket, as small as one can be.
 *
 *     guest SOCKET
 *
 * One connection at a time. Knows CPUs and one virtio-mmio device; sends every frame in three pieces, because a real
 * guest's frames arrive so, too. Prints what it was asked, as it stood in the struct. */
#include "upcall.h"

static uint8_t present[256] = {1};
static struct mmio_load device;

static int32_t serve_cpu(const struct request *request, uint32_t *word) {
    const struct cpu_load *load = &request->load.cpu;
    int adding = request->header.msg_type == ADD_CPU;
    printf("%s count %u apic_ver 0x%02x ids", adding ? "ADD_CPU" : "DEL_CPU", load->count, load->apic_ver);
    for (int i = 0; i < load->count; i++) {
        printf(" %u", load->apic_ids[i]);
    }
    printf(" size %u\n", request->header.msg_size);
    for (int i = 0; i < load->count; i++) {
        if (present[load->apic_ids[i]] == adding || (!adding && load->apic_ids[i] == 0)) {
            return -22;
        }
        present[load->apic_ids[i]] = (uint8_t) adding;
    }
    *word = load->count;
    return 0;
}

static int32_t serve_mmio(const struct request *request) {
    const struct mmio_load *load = &request->load.mmio;
    int adding = request->header.msg_type == ADD_MMIO;
    printf("%s base 0x%llx size 0x%llx irq %u size %u\n", adding ? "ADD_MMIO" : "DEL_MMIO",
            (unsigned long long) load->mmio_base, (unsigned long long) load->mmio_size, load->mmio_irq,
            request->header.msg_size);
    if (request->header.msg_size != sizeof *load) {
        return -22;
    }
    if (adding) {
        if (device.mmio_irq != 0) {
            return -17;
        }
        device = *load;
        return 0;
    }
    if (load->mmio_base != device.mmio_base || load->mmio_size != device.mmio_size
            || load->mmio_irq != device.mmio_irq) {
        return -19;
    }
    device.mmio_irq = 0;
    return 0;
}

static void send_frame(int host, const struct reply *frame) {
    const uint8_t *bytes = (const uint8_t *) frame;
    const size_t cuts[] = {0, 17, 600, sizeof *frame};
    for (int i = 0; i < 3; i++) {
        if (write(host, bytes + cuts[i], cuts[i + 1] - cuts[i]) < 0) {
            return; /* the host is gone; the next read says so */
        }
        usleep(2000); /* so that the pieces arrive as pieces */
    }
}

static void serve(int host) {
    char line[33], service;
    struct request request;
    struct reply connect_frame = {.header = {.magic_version = MAGIC_VERSION}};

    if (!read_line(host, line, sizeof line)) {
        return;
    }
    printf("%s\n", line);
    if (write(host, "OK 1073741824\n", 14) != 14 || !read_all(host, &service, 1) || service != 'd') {
        return;
    }
    send_frame(host, &connect_frame);

    while (read_all(host, &request, sizeof request)) {
        struct reply reply = {.header = {.magic_version = MAGIC_VERSION, .msg_type = request.header.msg_type}};
        switch (request.header.msg_type) {
        case ADD_CPU:
        case DEL_CPU:
            reply.result = serve_cpu(&request, &reply.word);
            reply.header.msg_size = reply.result == 0 ? 4 : 0;
            break;
        case ADD_MMIO:
        case DEL_MMIO:
            reply.result = serve_mmio(&request);
            break;
        case ADD_PCI:
        case DEL_PCI:
            printf("%s bus %u devfn %u size %u\n", request.header.msg_type == ADD_PCI ? "ADD_PCI" : "DEL_PCI",
                    request.load.pci.busno, request.load.pci.devfn, request.header.msg_size);
            break;
        default:
            reply.result = -1;
        }
        send_frame(host, &reply);
    }
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: guest SOCKET\n");
        return 2;
    }
    struct sockaddr_un socket_address = address(argv[1]);
    int server = socket(AF_UNIX, SOCK_STREAM, 0);
    setvbuf(stdout, NULL, _IOLBF, 0);
    unlink(argv[1]);
    if (bind(server, (struct sockaddr *) &socket_address, sizeof socket_address) != 0 || listen(server, 10) != 0) {
        die("listen");
    }
    for (;;) {
        int host = accept(server, NULL, NULL);
        if (host < 0) {
            die("accept");
        }
        serve(host);
        close(host);
    }
}
