/** Threads, time, chance and a database that a seed decides, for simulations of whole histories. */
@NullMarked
package dev.testing.simulation;

import org.jspecify.annotations.NullMarked;
