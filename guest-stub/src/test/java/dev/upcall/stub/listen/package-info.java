/// The guest behind real sockets, in a folder of the test's own.
@NullMarked
package dev.upcall.stub.listen;

import org.jspecify.annotations.NullMarked;
