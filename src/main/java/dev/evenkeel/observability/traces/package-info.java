/** The traces of the last minutes, kept in memory for operators. */
@NullMarked
package dev.evenkeel.observability.traces;

import org.jspecify.annotations.NullMarked;
