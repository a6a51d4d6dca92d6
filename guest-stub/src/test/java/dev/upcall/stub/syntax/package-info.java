/// What may be written and how it is refused.
@NullMarked
package dev.upcall.stub.syntax;

import org.jspecify.annotations.NullMarked;
