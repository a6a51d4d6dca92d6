/// The driver's side of a split virtqueue, as a fake: the other side is part of the product.
///
/// [GuestRam] is a small guest's memory in this process, [GuestDriver] builds one ring in it, offers chains as Linux does
/// and takes them back, or breaks whatever rule a test wants broken: any word of the ring can be written. No real
/// guest, no VMM, no kernel is needed to run a device against it, so a device's cost per packet can be measured, and a
/// Java VMM can test the rings that it hands to the bridge.
///
/// It stands in the main code and not in a test-jar because tests and benchmarks of three modules need it, and those of
/// embedders too; it is small and has no dependency of its own.
///
/// Imports: `dev.upcall.proto.virtqueue`. Start reading at [GuestDriver].
@NullMarked
package dev.upcall.proto.virtqueue.driver;

import org.jspecify.annotations.NullMarked;
