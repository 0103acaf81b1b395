package dev.evenkeel.payments;

import dev.evenkeel.payments.provider.ProviderOperation;
import java.util.List;

/** Operations as the provider describes them in an answer. */
public final class Operations {

  private Operations() {}

  /** A charge of 1000 EUR, or of another amount. */
  public static ProviderOperation charge(
      String id, String status, long amount, ProviderOperation.Return... returns) {
    return new ProviderOperation(
        id, null, "r", "charge", amount, "EUR", status, null, List.of(returns), false, null);
  }

  public static ProviderOperation approved(String id, ProviderOperation.Return... returns) {
    return charge(id, "approved", 1000, returns);
  }
}
