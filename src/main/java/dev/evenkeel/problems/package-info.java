/** Shared: problem documents (RFC 9457), the catalogue of their types, and their stored form. */
@NullMarked
package dev.evenkeel.problems;

import org.jspecify.annotations.NullMarked;
