/* The upcall protocol for the C peers of the stories: written from the kernel's structs, not from our Java. */
#ifndef UPCALL_H
#define UPCALL_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MAGIC_VERSION 0x444D0100u

enum { CONNECT = 0, ADD_CPU = 1, DEL_CPU = 2, ADD_MMIO = 5, DEL_MMIO = 6, ADD_PCI = 7, DEL_PCI = 8 };

struct header {
    uint32_t magic_version;
    uint32_t msg_size;
    uint32_t msg_type;
    uint32_t msg_flags;
};

struct cpu_load {
    uint8_t count;
    uint8_t apic_ver;
    uint8_t apic_ids[256];
};

struct mmio_load {
    uint64_t mmio_base;
    uint64_t mmio_size;
    uint32_t mmio_irq;
};

struct pci_load {
    uint8_t busno;
    uint8_t devfn;
};

struct request {
    struct header header;
    union {
        struct cpu_load cpu;
        struct mmio_load mmio;
        struct pci_load pci;
        uint8_t bytes[1008];
    } load;
};

struct reply {
    struct header header;
    int32_t result;
    uint32_t word;
    uint8_t zero[1000];
};

_Static_assert(sizeof(struct request) == 1024, "a request is 1 KiB");
_Static_assert(sizeof(struct reply) == 1024, "a reply is 1 KiB");
_Static_assert(sizeof(struct mmio_load) == 24, "four bytes of padding");
_Static_assert(sizeof(struct cpu_load) == 258, "no padding");

static inline void die(const char *what) {
    perror(what);
    exit(1);
}

static inline struct sockaddr_un address(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        fprintf(stderr, "the path is too long: %s\n", path);
        exit(2);
    }
    strcpy(address.sun_path, path);
    return address;
}

/* Reads all of it; 0 at the end of the stream. */
static inline int read_all(int fd, void *into, size_t length) {
    uint8_t *at = into;
    while (length > 0) {
        ssize_t n = read(fd, at, length);
        if (n <= 0) {
            return 0;
        }
        at += n;
        length -= (size_t) n;
    }
    return 1;
}

/* Reads up to and without the newline; 0 at the end of the stream. */
static inline int read_line(int fd, char *line, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (!read_all(fd, line + i, 1)) {
            return 0;
        }
        if (line[i] == '\n') {
            line[i] = 0;
            return 1;
        }
    }
    return 0;
}

#endif
