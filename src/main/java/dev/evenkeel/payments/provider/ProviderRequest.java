package dev.evenkeel.payments.provider;

import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A request to the provider to move money. Key and body are the same at each attempt, byte for
 * byte: the provider refuses the key with another body.
 *
 * @param body what is sent, see {@link Gateway#write}, by whichever release wrote it; null if it
 *     was never written
 * @param known what the provider has of it already; null if that is not known
 */
public record ProviderRequest(Order order, @Nullable String body, @Nullable Known known) {

  /** A kind of request. */
  public enum Kind {
    CHARGE,
    PAYOUT,
    REFUND
  }

  /**
   * What the provider is to do.
   *
   * @param reference the id of the payment or refund: our reference and our idempotency key
   * @param amount minor units
   * @param instrument the provider's token, for charges and payouts
   * @param charge the key of the refunded charge, for refunds
   * @param chargeOperation the provider's id of the refunded charge; null if it is not known
   * @param manualCapture whether a charge only reserves the amount, which is captured later
   */
  public record Order(
      Kind kind,
      UUID reference,
      long amount,
      String currency,
      @Nullable String instrument,
      @Nullable UUID charge,
      @Nullable String chargeOperation,
      boolean manualCapture) {}

  /**
   * An operation that the provider has and that waits for the customer or for us. Its id stays
   * known when its key is forgotten.
   *
   * @param operation the provider's id
   * @param followUp what the provider is asked to do with it; null if nothing
   * @param capture what is captured, in minor units; null unless that is the follow-up
   */
  public record Known(String operation, @Nullable FollowUp followUp, @Nullable Long capture) {}

  public ProviderRequest(Order order) {
    this(order, null, null);
  }

  public ProviderRequest withBody(@Nullable String written) {
    return new ProviderRequest(order, written, known);
  }

  /** This request, of which the provider has this operation. */
  public ProviderRequest withKnown(Known operation) {
    return new ProviderRequest(order, body, operation);
  }

  /** This request, to ask about its operation by that id. */
  public ProviderRequest askingAbout(String operation) {
    return withKnown(new Known(operation, null, null));
  }

  /** What an approved operation moves, in minor units. */
  public long approvedAmount() {
    Long captured = known == null ? null : known.capture();
    return Objects.requireNonNullElse(captured, order.amount());
  }
}
