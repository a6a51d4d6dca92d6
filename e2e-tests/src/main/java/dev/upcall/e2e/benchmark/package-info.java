/// Benchmarks: how far the client is from what C, Netty and the JDK reach on the same machine in the same minutes.
///
/// ```
/// e2e-tests/benchmark                                the whole table, about ten minutes
/// e2e-tests/benchmark --quick --rows request,connect fewer rounds of these rows: a look, not a result
/// e2e-tests/benchmark --json FILE                    where the numbers go (default target/benchmark/benchmark.json)
/// ```
///
/// It needs gcc and two cores. The C programs (`src/main/c`) are compiled on the spot: `server.c` is the guest for
/// everybody, `client.c` is the floor. Java contenders are processes of their own ([Peer]); servers and clients are
/// pinned to cores; contenders take turns in another order each round ([Rounds]).
///
/// How to read the table:
///
/// | column    | what it says                                                                                  |
/// |-----------|-----------------------------------------------------------------------------------------------|
/// | median    | over the rounds, and the lowest and highest round                                             |
/// | ratio     | to the named contender *of the same round*: trust it, not the bare time of a shared machine   |
/// | aim       | what the ratio should be, or the median where there is no ratio                               |
/// | verdict   | of the median; `DOUBTFUL` when the rounds lie far apart on both sides of the aim              |
/// | restless  | highest and lowest round are more than 1.5 apart: the machine was busy with something else    |
///
/// | row                      | what is done                                                                   |
/// |--------------------------|--------------------------------------------------------------------------------|
/// | `request`                | one request after the other; server and client on one core, so all work shows  |
/// | `request-cross-core`     | the same over two cores, where the time to wake a core hides the client's work |
/// | `requests-of-100-guests` | a hundred guests on one event loop, one request of each always out             |
/// | `connect`                | from `open` until connected                                                    |
/// | `listener-up`            | from the VMM's `listen()` until Connected, and what waiting costs              |
/// | `guest-restart`          | from the loss of the connection until Connected again                          |
/// | `guests-1000`, `-10000`  | so many guests in one fresh process: memory, threads, asking all of them once  |
/// | `once`, `once-cross-core` | EXECUTE_ONCE and probes on, against the same calls without, to the same guest |
/// | `events`                 | user events of one guest, all acknowledged, as fast as its window allows       |
/// | `loss`                   | from the guest's crash until LOST: by the end of the stream, and by a probe    |
/// | `extended-guests-10000`  | what one of so many extended guests weighs, everything on                      |
/// | `cli`                    | `./upcall status` beyond a bare JVM's start                                    |
/// | `vsock-packet`           | a packet through the vsock device's rings, without a VM, an eventfd or a socket |
/// | `vm-streams`             | streams to a guest in QEMU through our vsock device; needs QEMU and the guest's kernel |
/// | `vm-memory`              | 4,000 streams in that device, and after they were closed                       |
///
/// | contender  | what it is                                                                                   |
/// |------------|----------------------------------------------------------------------------------------------|
/// | `C`        | the floor: blocking calls of the kernel, or epoll, and no comfort                            |
/// | `jdk`      | `SocketChannel`, blocking, nothing else                                                      |
/// | `netty`    | epoll and the least handler that can be                                                      |
/// | `blocking` | the public API: `UpcallClient.execute`; deadlines armed, metrics on, as in all rows below    |
/// | `virtual`  | the same from a virtual thread                                                               |
/// | `async`    | the public API: `UpcallClient.submit`, the next request from the completion of the last      |
///
/// The last four have an extended guest of `benchmark.guest` for all contenders.
///
/// Sees the client's exported packages and `posix`. Start reading at [Benchmark], then [RequestRow].
@NullMarked
package dev.upcall.e2e.benchmark;

import org.jspecify.annotations.NullMarked;
