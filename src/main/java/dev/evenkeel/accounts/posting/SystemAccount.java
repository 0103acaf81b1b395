package dev.evenkeel.accounts.posting;

import java.nio.charset.StandardCharsets;
import java.util.Currency;
import java.util.HexFormat;
import java.util.UUID;

/**
 * The ledger's own accounts, one of each per currency. They have no row and no limit, and take no
 * lock: their balance is the sum of their entries. Their ids tell what they are: the kind, and the
 * currency's letters in ASCII, so that {@code 00000000-0000-8000-8000-000001455552} is clearing in
 * EUR (455552).
 */
enum SystemAccount {
  /** What the payment provider has collected for us and owes us, or the other way around. */
  PROVIDER_CLEARING(1),
  /** What customers owe us since the provider took back more than they had. */
  RECEIVABLE(2),
  /** What the provider decided but no customer's account can take, until operations sort it out. */
  SUSPENSE(3);

  private final int kind;

  SystemAccount(int kind) {
    this.kind = kind;
  }

  UUID in(Currency currency) {
    byte[] letters = currency.getCurrencyCode().getBytes(StandardCharsets.US_ASCII);
    return UUID.fromString(
        "00000000-0000-8000-8000-%06d%s"
            .formatted(kind, HexFormat.of().withUpperCase().formatHex(letters)));
  }
}
