/** Shared: traces that continue in later work, and public health. */
@NullMarked
package dev.evenkeel.observability;

import org.jspecify.annotations.NullMarked;
