@NullMarked
package dev.evenkeel.console;

import org.jspecify.annotations.NullMarked;
