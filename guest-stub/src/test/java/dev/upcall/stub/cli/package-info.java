/// The program as a user meets it.
@NullMarked
package dev.upcall.stub.cli;

import org.jspecify.annotations.NullMarked;
