/** The parts of a payment's stored state: each has columns of its own, or a table. */
@NullMarked
package dev.evenkeel.payments.state;

import org.jspecify.annotations.NullMarked;
