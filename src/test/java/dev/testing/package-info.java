/** Fixtures: a real database, the provider's simulator, callers. */
@NullMarked
package dev.testing;

import org.jspecify.annotations.NullMarked;
