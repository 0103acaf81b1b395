package dev.evenkeel.payments;

import dev.evenkeel.payments.provider.ProviderSettings;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of payments.
 *
 * @param deadline how long a request waits for the provider, from its begin; the limits of the
 *     database come on top
 * @param claim how long only the claimer may call the provider; must outlast the longest call
 * @param recoverEvery the pause between two sweeps over unfinished payments
 * @param reconcileEvery the pause between two looks whether the daily reconciliation is to run
 * @param alertAfter how old an unfinished payment may become before operators are alerted
 * @param actionExpiry how long a payment waits for its customer to act at the provider
 * @param authorizationExpiry how long a payment waits for its capture
 * @param provider the connection to the provider
 */
@Validated
@ConfigurationProperties("evenkeel.payments")
record PaymentsSettings(
    @NotNull Duration deadline,
    @NotNull Duration claim,
    @NotNull Duration recoverEvery,
    @NotNull Duration reconcileEvery,
    @NotNull @DefaultValue("15m") Duration alertAfter,
    @NotNull @DefaultValue("30m") Duration actionExpiry,
    @NotNull @DefaultValue("7d") Duration authorizationExpiry,
    @NotNull @Valid ProviderSettings provider) {

  PaymentsSettings {
    // Two queries and an order, which may connect twice, and a second in between.
    Duration longest =
        provider.answerTimeout().multipliedBy(3).plus(provider.connectTimeout().multipliedBy(2));
    if (claim.compareTo(longest.plusSeconds(1)) < 0) {
      throw new IllegalArgumentException(
          "evenkeel.payments.claim must outlast the longest call of the provider, " + longest);
    }
  }

  /** The longest time that recovery gives one call of the provider. */
  Duration longestCall() {
    return provider.answerTimeout().plus(provider.connectTimeout());
  }
}
