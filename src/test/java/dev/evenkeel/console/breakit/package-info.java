@NullMarked
package dev.evenkeel.console.breakit;

import org.jspecify.annotations.NullMarked;
