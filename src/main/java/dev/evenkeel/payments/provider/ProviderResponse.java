package dev.evenkeel.payments.provider;

import java.time.Duration;

/** What a call of the provider taught us. */
public sealed interface ProviderResponse {

  /**
   * The provider has moved the money: our reference, amount and currency agree.
   *
   * @param returned whether it has taken it back since
   */
  record Approved(String operation, boolean returned) implements ProviderResponse {}

  /** It is about our reference, but about another amount or currency than we asked for. */
  record Mismatch(String found) implements ProviderResponse {}

  /**
   * The provider has decided against it and never will move the money.
   *
   * @param code the provider's, such as {@code card_declined}
   */
  record Declined(String code) implements ProviderResponse {}

  /** The provider has it and will decide. */
  record Undecided() implements ProviderResponse {}

  /** The provider understood the request and refuses to make an operation of it. */
  record Rejected(String reason) implements ProviderResponse {}

  /** No byte was sent. */
  record NotSent(Cause cause) implements ProviderResponse {

    /** Why. */
    public enum Cause {
      NO_CONNECTION,
      BREAKER_OPEN,
      NO_TIME
    }
  }

  /**
   * Asked, the provider does not know the key. This proves nothing: the request may still be on its
   * way. It permits one thing, sending the same request again.
   */
  record NeverSeen() implements ProviderResponse {}

  /**
   * Everything else: the money may have moved or not.
   *
   * @param ourFault whether the provider refuses what we do rather than this payment, such as our
   *     credentials: somebody has to look
   * @param notBefore how long the provider wants to be left alone, if it said so
   */
  record Unknown(String reason, boolean ourFault, Duration notBefore) implements ProviderResponse {

    public Unknown(String reason, boolean ourFault) {
      this(reason, ourFault, Duration.ZERO);
    }
  }
}
