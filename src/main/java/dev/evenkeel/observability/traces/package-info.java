/** The traces of the last minutes, kept in memory for operators. */
@NamedInterface("traces")
@NullMarked
package dev.evenkeel.observability.traces;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
