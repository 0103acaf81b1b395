/** What takes minutes and the whole machine: outages under load, measured from outside. */
@NullMarked
package dev.drills;

import org.jspecify.annotations.NullMarked;
