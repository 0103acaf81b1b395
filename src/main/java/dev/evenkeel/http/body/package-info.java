/** Reads request bodies: whole, strictly, and fingerprinted. */
@NamedInterface("body")
@NullMarked
package dev.evenkeel.http.body;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
