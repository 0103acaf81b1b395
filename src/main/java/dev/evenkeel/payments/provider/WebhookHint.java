package dev.evenkeel.payments.provider;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What a webhook of the provider is about. */
public sealed interface WebhookHint {

  /** It is not signed by the provider, or too long ago. */
  record Forged() implements WebhookHint {}

  /** It is signed, but cannot be read. */
  record Malformed() implements WebhookHint {}

  /**
   * Something happened to a payment, which the webhook names by the provider's id only.
   *
   * @param operation the provider's id of the charge, payout or refund
   */
  record AboutOperation(String operation) implements WebhookHint {}

  /**
   * Something happened to this payment.
   *
   * @param reference the id of the payment or refund; null if unknown, or if it is about none
   */
  record About(@Nullable UUID reference) implements WebhookHint {

    /** Reads a reference; one that is not an id is not ours. */
    public static About of(@Nullable String reference) {
      try {
        return new About(reference == null ? null : UUID.fromString(reference));
      } catch (IllegalArgumentException notOurs) {
        return new About(null);
      }
    }
  }
}
