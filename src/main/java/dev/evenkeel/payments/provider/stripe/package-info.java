/** The gateway to Stripe, by its SDK: cards are charged, captured and refunded. */
@NullMarked
package dev.evenkeel.payments.provider.stripe;

import org.jspecify.annotations.NullMarked;
