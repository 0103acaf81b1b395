/** Turns exceptions and refusals into problem documents (RFC 9457). */
@NamedInterface("errors")
@NullMarked
package dev.evenkeel.http.errors;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
