/// What the control socket understands, and how it refuses the rest.
@NullMarked
package dev.upcall.stub.control;

import org.jspecify.annotations.NullMarked;
