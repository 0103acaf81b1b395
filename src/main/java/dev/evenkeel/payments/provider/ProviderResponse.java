package dev.evenkeel.payments.provider;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The result of a call of the provider, as far as it is known. */
public sealed interface ProviderResponse {

  /** The provider moved the money; reference, amount and currency are as requested. */
  record Approved(ProviderOperation operation) implements ProviderResponse {}

  /**
   * The answer has our reference, but another amount or currency than requested.
   *
   * @param amount the amount in minor units; null if it is in another currency, or if more was
   *     returned than moved: then none of it can be booked
   */
  record Mismatch(ProviderOperation operation, @Nullable Long amount) implements ProviderResponse {}

  /**
   * The provider will never move the money.
   *
   * @param code the provider's reason, such as {@code card_declined}: up to 100 letters, digits and
   *     {@code _.-}
   */
  record Declined(ProviderOperation operation, String code) implements ProviderResponse {}

  /** The provider has the request and will decide later. */
  record Pending() implements ProviderResponse {}

  /**
   * The provider decides once the customer has acted.
   *
   * @param redirectUrl the page on which the customer acts
   */
  record ActionRequired(ProviderOperation operation, String redirectUrl)
      implements ProviderResponse {}

  /** The provider reserves the amount until it is captured or canceled. */
  record Authorized(ProviderOperation operation) implements ProviderResponse {}

  /** The operation was canceled before any money moved. */
  record Canceled(ProviderOperation operation) implements ProviderResponse {}

  /** The provider understood the request and refused to make an operation of it. */
  record Rejected(String reason) implements ProviderResponse {}

  /**
   * The provider refuses our credentials, whatever the request is. Nothing follows from it for the
   * payment: who answered need not be who took the request.
   */
  record CredentialsRefused() implements ProviderResponse {}

  /** No byte was sent. */
  record NotSent(Cause cause) implements ProviderResponse {

    /** The reason why nothing was sent. */
    public enum Cause {
      NO_CONNECTION,
      BREAKER_OPEN,
      NO_TIME
    }
  }

  /**
   * A query found no operation. This proves nothing, because the request may still be on the wire.
   * It permits only one thing: sending the same request again.
   */
  record NotFound() implements ProviderResponse {}

  /**
   * The outcome is unknown: the money may or may not have moved.
   *
   * @param ourFault whether the provider rejects all our calls, not only this payment, for example
   *     because it is of another version; operators must know
   * @param notBefore how long the provider wants to be left alone; zero if it did not say
   */
  record Unknown(String reason, boolean ourFault, Duration notBefore) implements ProviderResponse {

    public Unknown(String reason, boolean ourFault) {
      this(reason, ourFault, Duration.ZERO);
    }
  }

  /** An answer of which only the status is known, and which proves nothing about the payment. */
  static ProviderResponse failure(int status, Duration retryAfter) {
    if (status == 401) {
      return new CredentialsRefused();
    }
    // 408, 425 and 429 concern this attempt only; any other 3xx or 4xx will not go away by itself.
    boolean temporary = status == 408 || status == 425 || status == 429;
    boolean ourFault = !temporary && status >= 300 && status < 500;
    return new Unknown("the provider answered " + status, ourFault, retryAfter);
  }
}
