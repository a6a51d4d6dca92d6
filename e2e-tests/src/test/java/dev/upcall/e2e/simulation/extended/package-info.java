/// Draft.
@NullMarked
package dev.upcall.e2e.simulation.extended;

import org.jspecify.annotations.NullMarked;
