/// The rules of the house, as unit tests: which package may know which, what no file may contain, and which test holds which
/// sentence of the specification of extended guests.
///
/// They stand in this module because only it sees all the others. Start reading at [ArrowsTest].
@NullMarked
package dev.upcall.e2e.house;

import org.jspecify.annotations.NullMarked;
