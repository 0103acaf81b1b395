/**
 * Payments, refunds and their recovery. The external provider may fail at any moment: each payment
 * still reaches a final status once the provider answers, and nobody is charged twice.
 */
@ApplicationModule(displayName = "Payments", allowedDependencies = "accounts")
@NullMarked
package dev.evenkeel.payments;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
