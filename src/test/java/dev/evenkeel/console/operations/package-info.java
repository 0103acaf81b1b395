@NullMarked
package dev.evenkeel.console.operations;

import org.jspecify.annotations.NullMarked;
