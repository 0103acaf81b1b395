package dev.evenkeel.payments;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import org.jspecify.annotations.Nullable;

/**
 * The reason why a payment failed.
 *
 * @param code for programs: {@code card_declined}, {@code insufficient_funds}, {@code
 *     authentication_failed}, {@code provider_rejected}, {@code expired} or {@code
 *     payment_returned}
 * @param message for people
 * @param providerCode the provider's own code of a decline, for operators only
 */
@Embeddable
public record Failure(
    @Column(name = "failure_code") String code,
    @Column(name = "failure_message") String message,
    @Column(name = "failure_provider_code") @Nullable String providerCode) {

  /** Whether another payment with the same instrument may succeed. */
  public enum Kind {
    /** It may, perhaps later. */
    SOFT,
    /** It will not. */
    HARD
  }

  public Failure(String code, String message) {
    this(code, message, null);
  }

  /** A decline by the provider. A code that is not known here is a declined card. */
  public static Failure declined(String providerCode) {
    return switch (providerCode) {
      case "insufficient_funds" ->
          new Failure(
              "insufficient_funds",
              "The provider declined the payment: insufficient funds.",
              providerCode);
      case "authentication_failed", "authentication_required" ->
          new Failure(
              "authentication_failed",
              "The provider declined the payment: the customer was not authenticated.",
              providerCode);
      case "refund_exceeds_charge" ->
          new Failure(
              "payment_returned",
              "The provider has already given back more of the payment than we know.",
              providerCode);
      default -> new Failure("card_declined", "The provider declined the payment.", providerCode);
    };
  }

  public Kind getKind() {
    return switch (code) {
      case "insufficient_funds", "authentication_failed", "expired" -> Kind.SOFT;
      default -> Kind.HARD;
    };
  }

  /** Returns the failure without what only operators may see. */
  public Failure forOwner() {
    return new Failure(code, message);
  }
}
