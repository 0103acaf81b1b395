/** Pages on which operators decide what the application cannot decide by itself. */
@NullMarked
package dev.evenkeel.console.operations;

import org.jspecify.annotations.NullMarked;
