package dev.planted.payments;

import dev.planted.accounts.Account;
import java.util.UUID;

public record Payment(UUID id) {

  /** Another module's table, by the back door. */
  static final String BALANCE =
      """
      select p.id, a.posted
      from payments.payment p, accounts.account a
      where a.id = p.account
      """;

  static boolean isFor(Account account, Payment payment) {
    return payment.id().equals(account.id());
  }
}
