/** Limits the rate of each owner and the number of expensive reads. */
@NullMarked
package dev.evenkeel.http.limits;

import org.jspecify.annotations.NullMarked;
