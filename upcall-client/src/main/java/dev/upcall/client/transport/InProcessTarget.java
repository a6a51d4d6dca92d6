package dev.upcall.client.transport;

/// A guest's port that is Java code of this process: a VMM, or a machine model in a test.
///
/// @param name shown to people
/// @param port where dialled connections arrive
public record InProcessTarget(String name, GuestPort port) implements Target {
    @Override
    public String toString() {
        return "in-process:" + name;
    }
}
