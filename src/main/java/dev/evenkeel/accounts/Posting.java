package dev.evenkeel.accounts;

import dev.evenkeel.money.Money;
import dev.evenkeel.platform.Fingerprint;
import dev.evenkeel.platform.IdempotencyKey;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Asks the ledger to move money from one account to another. It takes effect once per key.
 *
 * @param fingerprint tells whether a second posting under the key is the same
 * @param payment set if the payment provider has already moved the money: this is never refused
 * @param from is debited
 * @param to is credited
 */
public record Posting(
    Key key,
    Fingerprint fingerprint,
    @Nullable UUID payment,
    UUID from,
    UUID to,
    Money money,
    @Nullable String description,
    @Nullable String reference,
    Map<String, String> metadata) {

  /**
   * What makes a posting unique.
   *
   * @param owner who asks
   * @param operation what for: the same value is another key for another operation
   */
  public record Key(String owner, String operation, String value) {}

  public Posting {
    metadata = Map.copyOf(metadata);
    if (money.minorUnits() <= 0 || money.minorUnits() > Money.MAX_AMOUNT) {
      throw new IllegalArgumentException("an amount is 1 to 10^15 minor units");
    }
  }

  /** What a caller asks for, between two customers' accounts; {@code from} has to be its own. */
  public static Posting transfer(
      String owner,
      IdempotencyKey key,
      Fingerprint fingerprint,
      UUID from,
      UUID to,
      Money money,
      @Nullable String description,
      @Nullable String reference,
      Map<String, String> metadata) {
    return new Posting(
        new Key(owner, "transfer", key.value()),
        fingerprint,
        null,
        from,
        to,
        money,
        description,
        reference,
        metadata);
  }

  /** What the provider collected for a customer: provider clearing to the customer's account. */
  public static Posting payIn(UUID payment, Account to, Money money, @Nullable String description) {
    return new Posting(
        new Key(to.owner(), "payment", payment.toString()),
        Fingerprint.of("pay-in", to.id().toString(), money.currencyCode(), "" + money.minorUnits()),
        payment,
        SystemAccount.PROVIDER_CLEARING.in(money.currency()),
        to.id(),
        money,
        description,
        null,
        Map.of());
  }
}
