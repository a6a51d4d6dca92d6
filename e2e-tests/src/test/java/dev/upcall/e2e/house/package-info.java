/// The rules of the house, as unit tests: which package may know which, and what no file may contain.
///
/// They stand in this module because only it sees all the others. Start reading at [ArrowsTest].
@NullMarked
package dev.upcall.e2e.house;

import org.jspecify.annotations.NullMarked;
