/** The gateway to the payment provider simulator, and the model for a gateway of your own. */
@NullMarked
package dev.evenkeel.payments.provider.simulator;

import org.jspecify.annotations.NullMarked;
