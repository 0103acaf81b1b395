/** The rules of the house. Each test that keeps one is followed by one that sees it broken. */
@NullMarked
package dev.evenkeel.architecture;

import org.jspecify.annotations.NullMarked;
