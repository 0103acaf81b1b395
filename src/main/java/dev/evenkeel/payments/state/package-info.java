/**
 * The parts of a payment's stored state: each keeps its own columns or table and changes only
 * through the payment.
 */
@NullMarked
package dev.evenkeel.payments.state;

import org.jspecify.annotations.NullMarked;
