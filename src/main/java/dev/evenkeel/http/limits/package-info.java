/** Limits what one owner and one kind of request can take from the others. */
@NullMarked
package dev.evenkeel.http.limits;

import org.jspecify.annotations.NullMarked;
