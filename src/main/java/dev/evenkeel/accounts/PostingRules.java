package dev.evenkeel.accounts;

import dev.evenkeel.money.Money;
import dev.evenkeel.platform.Problem;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The rules of the ledger: accounts in, entries and refusals out. Plain Java; whoever asks holds
 * the accounts' locks, so that nothing changes between the decision and its postings.
 */
final class PostingRules {

  sealed interface Decision {
    Posting posting();

    record Post(Posting posting, List<Transfer.Leg> legs) implements Decision {}

    record Refuse(Posting posting, Problem problem) implements Decision {}
  }

  private final Map<UUID, Account> accounts;

  private PostingRules(Map<UUID, Account> accounts) {
    this.accounts = new HashMap<>(accounts);
  }

  /**
   * Decides in order: each posting sees the ones before it.
   *
   * @param accounts the customers' accounts that the postings may use; one that is not among them
   *     does not exist
   */
  static List<Decision> decide(List<Posting> postings, Map<UUID, Account> accounts) {
    PostingRules rules = new PostingRules(accounts);
    return postings.stream().map(rules::decide).toList();
  }

  private Decision decide(Posting posting) {
    if (posting.payment() != null) {
      return decidedByProvider(posting);
    }
    Problem refusal = refusal(posting);
    return refusal == null
        ? post(posting, posting.from(), posting.to())
        : new Decision.Refuse(posting, refusal);
  }

  /** The first that applies wins; what depends on amounts comes last. */
  private @Nullable Problem refusal(Posting posting) {
    Account from = accounts.get(posting.from());
    if (from == null || !from.owner().equals(posting.key().owner())) {
      return LedgerProblem.accountNotFound("from");
    }
    Account to = accounts.get(posting.to());
    if (to == null) {
      return LedgerProblem.accountNotFound("to");
    }
    for (Account account : List.of(from, to)) {
      switch (account.status()) {
        case OPEN -> {}
        case FROZEN -> {
          return Problem.of(LedgerProblem.ACCOUNT_FROZEN, "An account is frozen: " + account.id());
        }
        case CLOSED -> {
          return Problem.of(LedgerProblem.ACCOUNT_CLOSED, "An account is closed: " + account.id());
        }
      }
    }
    if (from.id().equals(to.id())) {
      return Problem.of(LedgerProblem.SAME_ACCOUNT, "\"from\" and \"to\" are the same account.");
    }
    String currency = posting.money().currencyCode();
    if (!from.currency().equals(currency) || !to.currency().equals(currency)) {
      return Problem.of(
          LedgerProblem.CURRENCY_MISMATCH,
          "The amount is in %s, the sender's account in %s, the receiver's in %s."
              .formatted(currency, from.currency(), to.currency()));
    }
    long amount = posting.money().minorUnits();
    if (from.available() < amount) {
      return Problem.of(
              LedgerProblem.INSUFFICIENT_FUNDS,
              "The account has %s available, the transfer needs %s."
                  .formatted(Money.of(from.available(), currency), posting.money()))
          .with("available", from.available())
          .with("required", amount);
    }
    if (exceedsLimit(to, amount)) {
      return Problem.of(
          LedgerProblem.BALANCE_LIMIT_EXCEEDED, "The receiver's balance would pass its limit.");
    }
    return null;
  }

  /** What the provider decided goes to suspense where the customer's account cannot take it. */
  private Decision decidedByProvider(Posting posting) {
    Account to = accounts.get(posting.to());
    boolean taken =
        to != null
            && to.status() != Account.Status.CLOSED
            && to.currency().equals(posting.money().currencyCode())
            && !exceedsLimit(to, posting.money().minorUnits());
    UUID suspense = SystemAccount.SUSPENSE.in(posting.money().currency());
    return post(posting, posting.from(), taken ? posting.to() : suspense);
  }

  private static boolean exceedsLimit(Account account, long amount) {
    return account.posted() + amount > Money.MAX_BALANCE;
  }

  private Decision post(Posting posting, UUID from, UUID to) {
    long amount = posting.money().minorUnits();
    return new Decision.Post(posting, List.of(leg(from, -amount), leg(to, amount)));
  }

  private Transfer.Leg leg(UUID id, long amount) {
    Account account = accounts.computeIfPresent(id, (_, before) -> before.after(amount));
    return new Transfer.Leg(
        id,
        amount,
        account == null
            ? null
            : new Transfer.Leg.Customer(
                account.owner(), account.name(), account.sequence(), account.posted()));
  }
}
