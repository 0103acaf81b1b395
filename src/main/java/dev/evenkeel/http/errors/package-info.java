/** Turns exceptions and refusals into problem documents (RFC 9457). */
@NullMarked
package dev.evenkeel.http.errors;

import org.jspecify.annotations.NullMarked;
