/** Shared: amounts of money as every module means them. */
@NullMarked
package dev.evenkeel.money;

import org.jspecify.annotations.NullMarked;
