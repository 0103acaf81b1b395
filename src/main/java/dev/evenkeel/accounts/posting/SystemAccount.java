package dev.evenkeel.accounts.posting;

import dev.evenkeel.accounts.AccountId;
import java.nio.charset.StandardCharsets;
import java.util.Currency;
import java.util.HexFormat;
import java.util.Set;
import java.util.UUID;

/**
 * The ledger's own accounts, one of each kind per currency. They have no row that could be locked:
 * their balance is the sum of their entries. An id consists of the kind and the ASCII codes of the
 * currency's letters: {@code 00000000-0000-8000-8000-000001455552} is clearing in EUR (455552).
 */
public enum SystemAccount {
  /** Money that the payment provider has collected for us and owes us, or the other way around. */
  PROVIDER_CLEARING(1),
  /** Money that customers owe us because the provider took back more than they had. */
  RECEIVABLE(2),
  /** Money that no customer account could take, until operations sort it out. */
  SUSPENSE(3),
  /** What customers have paid us for our service. */
  FEES(4),
  /** Our own account at a bank, outside of the ledger. */
  BANK(5),
  /** What providers have charged us for their service: apart from {@link #FEES}, our income. */
  PROVIDER_FEES(6);

  private final int kind;

  SystemAccount(int kind) {
    this.kind = kind;
  }

  /**
   * Those of a currency that cannot give more than they hold. Clearing and bank stand for money
   * outside of the ledger, which it does not count, and what providers charge has no limit.
   */
  static Set<AccountId> limitedIn(Currency currency) {
    return Set.of(RECEIVABLE.in(currency), SUSPENSE.in(currency), FEES.in(currency));
  }

  public AccountId in(Currency currency) {
    byte[] letters = currency.getCurrencyCode().getBytes(StandardCharsets.US_ASCII);
    return new AccountId(
        UUID.fromString(
            "00000000-0000-8000-8000-%06d%s"
                .formatted(kind, HexFormat.of().withUpperCase().formatHex(letters))));
  }
}
