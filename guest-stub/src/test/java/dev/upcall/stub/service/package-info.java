/// What the guest's side claims, in sentences, in virtual time. Start reading at [VirtualGuest], then [CaptureReplayTest].
@NullMarked
package dev.upcall.stub.service;

import org.jspecify.annotations.NullMarked;
