package dev.evenkeel.payments;

import jakarta.persistence.Embeddable;
import java.util.Locale;

/**
 * Money that moved for a payment beside or after the payment itself. Each is posted once, under a
 * key of its own.
 *
 * @param source the provider's operation, or the number of the decision
 * @param amount minor units, negative if it reduces what the payment has moved
 */
@Embeddable
public record Movement(Kind kind, String source, long amount) {

  /** The reason of a movement. */
  public enum Kind {
    /** The provider took the payment back, or a part of it. */
    RETURNED,
    /** The provider undid a return. */
    REINSTATED,
    /** An operator decided that another amount has moved. */
    DECIDED,
    /** Written by a newer release, which has been rolled back. */
    UNREADABLE
  }

  /** Returns the ledger's key of the posting. */
  public String key(PaymentId payment) {
    return payment + "/" + kind.name().toLowerCase(Locale.ROOT) + "/" + source;
  }
}
