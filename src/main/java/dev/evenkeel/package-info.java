@NullMarked
package dev.evenkeel;

import org.jspecify.annotations.NullMarked;
