/** What the page "Break it" measures and does: promises, the simulator, its load and its tour. */
@NullMarked
package dev.evenkeel.console.breakit;

import org.jspecify.annotations.NullMarked;
