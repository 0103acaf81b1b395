@NullMarked
package dev.planted;

import org.jspecify.annotations.NullMarked;
