package dev.evenkeel.accounts.posting;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.Accounts;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.IdempotencyKey;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.money.Money;
import java.util.Map;
import java.util.UUID;

/** Accounts and requests without HTTP. */
public final class PostingFixture {

  private PostingFixture() {}

  public static Account opened(Accounts accounts, String owner, long overdraftLimit) {
    var opening =
        new Accounts.Opening(
            new IdempotentRequest(
                owner, new IdempotencyKey(UUID.randomUUID().toString()), Fingerprint.of("any")),
            "Main",
            "EUR",
            overdraftLimit,
            true);
    return ((Outcome.Done<Account>) accounts.open(opening)).result();
  }

  /** A transfer by the owner of {@code from}. */
  public static PostingRequest.Transfer transfer(
      String key, Account from, AccountId to, long amount) {
    return new PostingRequest.Transfer(
        PostingRequest.Operation.TRANSFER.key(from.owner(), new IdempotencyKey(key)),
        Fingerprint.of(from.id().toString(), to.toString(), "" + amount),
        from.id(),
        to,
        Money.of(amount, "EUR"),
        null,
        null,
        Map.of());
  }
}
