/** Reads request bodies: whole, strictly, and fingerprinted. */
@NullMarked
package dev.evenkeel.http.body;

import org.jspecify.annotations.NullMarked;
