package dev.evenkeel.payments;

import dev.evenkeel.payments.provider.ProviderOperation;
import org.jspecify.annotations.Nullable;

/**
 * What the provider has of a payment, where it differs from what is booked here. Operators are
 * asked about each operation once, until it changes.
 *
 * @param operation the provider's operation; empty if the provider does not have the payment
 * @param text such as {@code approved 1250 EUR, 100 returned}; empty if there is no operation
 */
public record Finding(String operation, String text) {

  /** The provider's report does not have the payment. */
  public static final Finding MISSING = new Finding("", "");

  /**
   * Describes an operation. Returns are named only where they are not booked: once they are, the
   * rest is what it was before.
   */
  public static Finding of(@Nullable Payment ours, ProviderOperation it) {
    return ours == null ? of(null, 0, it) : of(ours.providerOperation(), ours.getReturned(), it);
  }

  /**
   * @param known the operation whose returns are booked; null if it is not known, so that it may be
   *     this one
   * @param booked the sum of the returns that are booked
   */
  public static Finding of(@Nullable String known, long booked, ProviderOperation it) {
    boolean ours = known == null || known.equals(it.id());
    boolean news = it.returned() != (ours ? booked : 0);
    return new Finding(it.id(), it.describe() + (news ? it.describeReturns() : ""));
  }
}
