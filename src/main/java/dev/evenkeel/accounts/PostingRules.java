package dev.evenkeel.accounts;

import dev.evenkeel.money.Money;
import dev.evenkeel.platform.Problem;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The rules of the ledger: accounts in, entries and refusals out. Plain Java; whoever asks holds
 * the accounts' locks, so that nothing changes between the decision and its postings.
 */
final class PostingRules {

  sealed interface Decision {

    Posting posting();

    /**
     * Money moves.
     *
     * @param ended the hold that ends with it
     */
    record Post(Posting posting, List<Transfer.Leg> legs, String currency, @Nullable Hold ended)
        implements Decision {}

    record Place(Posting.Hold posting) implements Decision {}

    record Refuse(Posting posting, Problem problem) implements Decision {}
  }

  private final Map<UUID, Account> accounts;
  private final Map<UUID, Hold> holds;
  private final Map<UUID, Transfer> originals;
  private final Set<UUID> reversed = new HashSet<>();
  private final Instant now;

  private PostingRules(Books books) {
    this.accounts = new HashMap<>(books.accounts());
    this.holds = new HashMap<>(books.holds());
    this.originals = books.originals();
    this.now = books.now();
  }

  /** Decides in order: each posting sees the ones before it. */
  static List<Decision> decide(List<Posting> postings, Books books) {
    PostingRules rules = new PostingRules(books);
    return postings.stream().map(rules::decide).toList();
  }

  private Decision decide(Posting posting) {
    return switch (posting) {
      case Posting.Transfer transfer -> transfer(transfer);
      case Posting.Reversal reversal -> reverse(reversal);
      case Posting.Hold hold -> place(hold);
      case Posting.Capture capture -> capture(capture);
      case Posting.PayIn payIn -> collected(payIn);
    };
  }

  private Decision transfer(Posting.Transfer posting) {
    Money money = posting.money();
    Problem refusal = refusal(posting.key().owner(), posting.from(), posting.to(), money);
    return unless(refusal, posting, () -> post(posting, posting.from(), posting.to(), money));
  }

  private Decision place(Posting.Hold posting) {
    Money money = posting.money();
    Problem refusal = refusal(posting.key().owner(), posting.from(), posting.to(), money);
    return unless(
        refusal,
        posting,
        () -> {
          hold(posting.from(), money.minorUnits());
          return new Decision.Place(posting);
        });
  }

  private Decision reverse(Posting.Reversal posting) {
    Transfer original = Objects.requireNonNull(originals.get(posting.reversalOf()));
    return unless(
        refusal(original),
        posting,
        () -> {
          reversed.add(original.id());
          Money money = Money.of(original.amount(), original.currency());
          return post(posting, original.to(), original.from(), money);
        });
  }

  private Decision capture(Posting.Capture posting) {
    Hold hold = Objects.requireNonNull(holds.get(posting.hold()));
    long amount = Objects.requireNonNullElse(posting.amount(), hold.amount());
    return unless(
        refusal(hold, amount),
        posting,
        () -> {
          Hold captured = hold.ended(Hold.Status.CAPTURED, amount);
          holds.put(hold.id(), captured);
          hold(hold.from(), -hold.amount());
          List<Transfer.Leg> legs = legs(hold.from(), hold.to(), amount);
          return new Decision.Post(posting, legs, hold.currency(), captured);
        });
  }

  private static Decision unless(
      @Nullable Problem refusal, Posting posting, Supplier<Decision> accepted) {
    return refusal == null ? accepted.get() : new Decision.Refuse(posting, refusal);
  }

  /** What the provider decided goes to suspense where the customer's account cannot take it. */
  private Decision collected(Posting.PayIn posting) {
    Account to = accounts.get(posting.to());
    Money money = posting.money();
    boolean taken =
        to != null
            && to.status() != Account.Status.CLOSED
            && to.currency().equals(money.currencyCode())
            && !exceedsLimit(to, money.minorUnits());
    return post(
        posting,
        SystemAccount.PROVIDER_CLEARING.in(money.currency()),
        taken ? posting.to() : SystemAccount.SUSPENSE.in(money.currency()),
        money);
  }

  /** For transfers and holds. The first that applies wins; what depends on amounts comes last. */
  private @Nullable Problem refusal(String asking, UUID fromId, UUID toId, Money money) {
    Account from = accounts.get(fromId);
    if (from == null || !from.owner().equals(asking)) {
      return LedgerProblem.accountNotFound("from");
    }
    Account to = accounts.get(toId);
    if (to == null) {
      return LedgerProblem.accountNotFound("to");
    }
    Problem unusable = unusable(from, to);
    if (unusable != null) {
      return unusable;
    }
    if (from.id().equals(to.id())) {
      return Problem.of(LedgerProblem.SAME_ACCOUNT, "\"from\" and \"to\" are the same account.");
    }
    String currency = money.currencyCode();
    if (!from.currency().equals(currency) || !to.currency().equals(currency)) {
      return Problem.of(
          LedgerProblem.CURRENCY_MISMATCH,
          "The amount is in %s, the sender's account in %s, the receiver's in %s."
              .formatted(currency, from.currency(), to.currency()));
    }
    return beyondLimits(from, to, money.minorUnits());
  }

  /** For reversals. */
  private @Nullable Problem refusal(Transfer original) {
    if (original.payment() != null || original.reversalOf() != null) {
      return Problem.of(
          LedgerProblem.NOT_REVERSIBLE, "This is a payment's posting, or itself a reversal.");
    }
    if (original.reversedBy() != null || reversed.contains(original.id())) {
      return Problem.of(LedgerProblem.ALREADY_REVERSED, "This transfer has been reversed before.");
    }
    Account from = account(original.to());
    Account to = account(original.from());
    Problem unusable = unusable(from, to);
    return unusable == null ? beyondLimits(from, to, original.amount()) : unusable;
  }

  /** For captures. */
  private @Nullable Problem refusal(Hold hold, long amount) {
    if (!hold.isOpen(now)) {
      return LedgerProblem.holdNotOpen(hold);
    }
    Account to = account(hold.to());
    Problem unusable = unusable(account(hold.from()), to);
    if (unusable != null) {
      return unusable;
    }
    if (amount > hold.amount()) {
      return Problem.of(
          LedgerProblem.CAPTURE_EXCEEDS_HOLD,
          "The hold is about %s.".formatted(Money.of(hold.amount(), hold.currency())));
    }
    return exceedsLimit(to, amount) ? balanceLimitExceeded() : null;
  }

  private static @Nullable Problem unusable(Account... accounts) {
    for (Account account : accounts) {
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
    return null;
  }

  private static @Nullable Problem beyondLimits(Account from, Account to, long amount) {
    if (from.available() < amount) {
      return Problem.of(
              LedgerProblem.INSUFFICIENT_FUNDS,
              "The account has %s available, this needs %s."
                  .formatted(
                      Money.of(from.available(), from.currency()),
                      Money.of(amount, from.currency())))
          .with("available", from.available())
          .with("required", amount);
    }
    return exceedsLimit(to, amount) ? balanceLimitExceeded() : null;
  }

  private static boolean exceedsLimit(Account account, long amount) {
    return account.posted() + amount > Money.MAX_BALANCE;
  }

  private static Problem balanceLimitExceeded() {
    return Problem.of(
        LedgerProblem.BALANCE_LIMIT_EXCEEDED, "The receiver's balance would pass its limit.");
  }

  private Decision post(Posting posting, UUID from, UUID to, Money money) {
    List<Transfer.Leg> legs = legs(from, to, money.minorUnits());
    return new Decision.Post(posting, legs, money.currencyCode(), null);
  }

  private List<Transfer.Leg> legs(UUID from, UUID to, long amount) {
    return List.of(leg(from, -amount), leg(to, amount));
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

  private void hold(UUID id, long amount) {
    accounts.computeIfPresent(id, (_, before) -> before.holding(amount));
  }

  private Account account(UUID id) {
    return Objects.requireNonNull(accounts.get(id), "accounts are never deleted");
  }
}
