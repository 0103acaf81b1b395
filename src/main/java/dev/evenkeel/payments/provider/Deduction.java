package dev.evenkeel.payments.provider;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the provider took from the money that it owes us, and what belongs to no payment.
 *
 * @param id the provider's own, which tells it from others of its kind
 * @param amount minor units; negative for what came back
 * @param at the time by the provider's clock
 */
public record Deduction(String id, Kind kind, long amount, String currency, @Nullable Instant at) {

  public enum Kind {
    /** For the provider's service. */
    FEE,
    /** Paid to our own bank account. */
    BANK_PAYOUT
  }

  /** Such as {@code fee of 30 EUR}. */
  public String describe() {
    String what = kind == Kind.FEE ? "fee" : "payout to our bank";
    return "%s of %d %s".formatted(what, amount, currency);
  }
}
