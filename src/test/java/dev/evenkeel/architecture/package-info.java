/** The rules of the house. After each test that checks one, another sees it broken. */
@NullMarked
package dev.evenkeel.architecture;

import org.jspecify.annotations.NullMarked;
