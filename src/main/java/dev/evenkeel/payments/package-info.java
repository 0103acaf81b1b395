/**
 * Payments to and from the outside, through a provider that fails: each reaches a final state once
 * the provider answers, and nobody is charged twice.
 */
@ApplicationModule(displayName = "Payments", allowedDependencies = "accounts")
@NullMarked
package dev.evenkeel.payments;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
