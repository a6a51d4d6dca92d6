/// What the JDK cannot ask of Linux: AF_VSOCK sockets, shared memory, descriptors in messages, limits of descriptors,
/// and the errno of a write.
///
/// | type                | kernel                                              | blocks                              |
/// |---------------------|-----------------------------------------------------|-------------------------------------|
/// | [Fd]                | a descriptor somebody owns, closed once             | no                                  |
/// | [Errno]             | `errno`, with its name and its meaning here         | no                                  |
/// | [VsockAddress]      | `struct sockaddr_vm`, 16 bytes                      | no                                  |
/// | [VsockSocket]       | `socket` `connect` `bind` `listen` `accept` `poll`  | as long as the caller's deadline    |
/// | [SocketFile]        | `connect` of a datagram socket, which never disturbs| no                                  |
/// | [FdSocket]          | `recvmsg` `sendmsg` with SCM_RIGHTS                 | no                                  |
/// | [UnixSockets]       | `recv` `send` to and from memory outside the heap   | no                                  |
/// | [Epoll]             | `epoll_wait`, edge-triggered                        | as long as it is told               |
/// | [EventFd]           | `eventfd`                                           | no                                  |
/// | [MemoryFile]        | `memfd_create` `ftruncate`                          | no                                  |
/// | [Mapping]           | `mmap` of a shared file                             | no                                  |
/// | [Attribute]         | `open` `write` of a sysfs file                      | until the kernel has done it        |
/// | [RLimit]            | `getrlimit` `setrlimit`                             | no                                  |
///
/// This is the only package that links C functions. A call that fails throws [PosixException] with the [Errno];
/// one that may block belongs on a platform thread, for a virtual one would hold its carrier.
///
/// Imports: the JDK. Start reading at [Fd].
@NullMarked
package dev.upcall.client.posix;

import org.jspecify.annotations.NullMarked;
