/// What the agent on an unpatched kernel claims, in sentences, against a tree of files as a kernel
/// shows them. Start reading at [FakeKernel].
@NullMarked
package dev.upcall.stub.linux;

import org.jspecify.annotations.NullMarked;
