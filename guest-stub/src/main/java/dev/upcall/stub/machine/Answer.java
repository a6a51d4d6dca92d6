package dev.upcall.stub.machine;

/// How an operation ends when it ends, and which words of the connection's reply buffer it writes. What is not written
/// stays as an earlier reply left it: that is where stale results and stale loads come from (`upcall-wire` §5.1, §5.2).
///
/// | answer         | result  | load word | msg_size |
/// |----------------|---------|-----------|---------:|
/// | [CpuDone]      | 0       | written   |        4 |
/// | [MmioDone]     | 0       | –         |        0 |
/// | [PciDone]      | –       | –         |        0 |
/// | [Refused]      | written | –         |        0 |
/// | [RefusedCpu]   | written | written   |        0 |
public sealed interface Answer {

    /// @param load x86-64: the request's count; arm64: a CPU number
    record CpuDone(int load) implements Answer {}

    record MmioDone() implements Answer {}

    record PciDone() implements Answer {}

    /// @param result a negative errno, or +1
    record Refused(int result) implements Answer {}

    /// A CPU request whose refusal writes the load word too: DEL of too many, and everything on arm64.
    record RefusedCpu(int result, int load) implements Answer {}
}
