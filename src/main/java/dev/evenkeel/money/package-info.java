/** Shared: amounts of money as all modules use them. */
@NullMarked
package dev.evenkeel.money;

import org.jspecify.annotations.NullMarked;
