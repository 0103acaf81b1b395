/** Drills: outages under load, measured from outside. They take minutes and the whole machine. */
@NullMarked
package dev.drills;

import org.jspecify.annotations.NullMarked;
