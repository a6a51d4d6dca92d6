/// Stories: what an operator would live through, told with real processes, containers and virtual machines.
///
/// Each `*Story` class starts a guest, breaks something that breaks in real life, and states what the host then sees.
/// Where the machine at hand has no Docker engine or no QEMU, the story is skipped and says so; setting
/// `UPCALL_REQUIRE=docker,gcc,qemu` turns such a skip into a failure.
///
/// The guests, networks and faults a story is made of stand here in the main sources, the stories in the test sources.
/// Virtual machines have a chapter of their own, `e2e.vm`. Sees every other module; nothing sees it.
@NullMarked
package dev.upcall.e2e;

import org.jspecify.annotations.NullMarked;
