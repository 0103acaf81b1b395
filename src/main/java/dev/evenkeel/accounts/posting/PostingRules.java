package dev.evenkeel.accounts.posting;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.Hold;
import dev.evenkeel.accounts.LedgerProblem;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.money.Money;
import dev.evenkeel.problems.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Currency;
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

  private final Map<UUID, Account> accounts;
  private final Map<UUID, Hold> holds;
  private final Map<UUID, Transfer> originals;
  private final Set<UUID> reversed = new HashSet<>();
  private final Instant now;

  private PostingRules(LedgerState books) {
    this.accounts = new HashMap<>(books.accounts());
    this.holds = new HashMap<>(books.holds());
    this.originals = books.originals();
    this.now = books.now();
  }

  /** Decides in order: each posting sees the ones before it. */
  static List<Decision> decide(List<PostingRequest> postings, LedgerState books) {
    PostingRules rules = new PostingRules(books);
    return postings.stream().map(rules::decide).toList();
  }

  private Decision decide(PostingRequest posting) {
    return switch (posting) {
      case PostingRequest.Transfer transfer -> transfer(transfer);
      case PostingRequest.Reversal reversal -> reverse(reversal);
      case PostingRequest.Hold hold -> place(hold);
      case PostingRequest.Capture capture -> capture(capture);
      case PostingRequest.Settlement settlement ->
          switch (settlement.kind()) {
            case HOLD -> hold(settlement);
            case COLLECT, BRING_BACK -> give(settlement);
            case PAY_OUT -> capture(settlement);
            case TAKE_BACK -> take(settlement);
          };
    };
  }

  private Decision transfer(PostingRequest.Transfer it) {
    return unless(refusal(it), it, () -> post(it, it.from(), it.to(), it.money()));
  }

  private Decision place(PostingRequest.Hold it) {
    return unless(refusal(it), it, () -> place(it, it.from(), it.to(), it.money(), it.lasts()));
  }

  private Decision hold(PostingRequest.Settlement posting) {
    Account from = account(posting.account());
    Money money = posting.money();
    UUID to = SystemAccount.PROVIDER_CLEARING.in(money.currency());
    return unless(refusal(from, money), posting, () -> place(posting, from.id(), to, money, null));
  }

  private Decision place(
      PostingRequest posting, UUID from, UUID to, Money money, @Nullable Duration lasts) {
    hold(from, money.minorUnits());
    return new Decision.Place(posting, from, to, money, lasts);
  }

  private Decision reverse(PostingRequest.Reversal posting) {
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

  private Decision capture(PostingRequest.Capture posting) {
    Hold hold = held(posting);
    long amount = Objects.requireNonNullElse(posting.amount(), hold.amount());
    return unless(refusal(hold, amount), posting, () -> capture(posting, hold, amount));
  }

  /** What the provider has paid out is captured, whatever has become of the account since. */
  private Decision capture(PostingRequest.Settlement posting) {
    Hold hold = held(posting);
    if (hold.status() != Hold.Status.HELD) {
      throw new IllegalStateException("a payment's hold ends with the payment: " + hold);
    }
    return capture(posting, hold, hold.amount());
  }

  private Decision capture(PostingRequest posting, Hold hold, long amount) {
    Hold captured = hold.ended(Hold.Status.CAPTURED, amount);
    holds.put(hold.id(), captured);
    hold(hold.from(), -hold.amount());
    List<Transfer.Entry> entries = entries(hold.from(), hold.to(), amount);
    return new Decision.Post(posting, entries, hold.currency(), captured);
  }

  private Hold held(PostingRequest posting) {
    return Objects.requireNonNull(holds.get(posting.hold()), "holds are never deleted");
  }

  private static Decision unless(
      @Nullable Problem refusal, PostingRequest posting, Supplier<Decision> accepted) {
    return refusal == null ? accepted.get() : new Decision.Refuse(posting, refusal);
  }

  /** What the provider decided goes to suspense where the customer's account cannot take it. */
  private Decision give(PostingRequest.Settlement posting) {
    Account to = account(posting.account());
    Currency currency = posting.money().currency();
    boolean fits = isOpenFor(to, currency) && !exceedsLimit(to, posting.money().minorUnits());
    return post(
        posting,
        SystemAccount.PROVIDER_CLEARING.in(currency),
        fits ? to.id() : SystemAccount.SUSPENSE.in(currency),
        posting.money());
  }

  /** What the customer does not have becomes our receivable: no account passes its limit. */
  private Decision take(PostingRequest.Settlement posting) {
    Account from = account(posting.account());
    Currency currency = posting.money().currency();
    long amount = posting.money().minorUnits();
    UUID clearing = SystemAccount.PROVIDER_CLEARING.in(currency);
    if (!isOpenFor(from, currency)) {
      return post(posting, SystemAccount.SUSPENSE.in(currency), clearing, posting.money());
    }
    long taken = Math.min(amount, from.available());
    List<Transfer.Entry> entries = new ArrayList<>();
    if (taken > 0) {
      entries.add(entry(from.id(), -taken));
    }
    if (taken < amount) {
      entries.add(entry(SystemAccount.RECEIVABLE.in(currency), taken - amount));
    }
    entries.add(entry(clearing, amount));
    return new Decision.Post(posting, entries, currency.getCurrencyCode(), null);
  }

  /** Frozen accounts take what the provider decided. */
  private static boolean isOpenFor(Account account, Currency currency) {
    return account.status() != Account.Status.CLOSED
        && account.currency().equals(currency.getCurrencyCode());
  }

  /** For what a customer sends to the outside. */
  private static @Nullable Problem refusal(Account from, Money money) {
    Problem unusable = unusable(from);
    if (unusable != null) {
      return unusable;
    }
    return from.currency().equals(money.currencyCode())
        ? insufficient(from, money.minorUnits())
        : LedgerProblem.currencyMismatch(money, from);
  }

  /** For transfers and holds. The first that applies wins; what depends on amounts comes last. */
  private @Nullable Problem refusal(PostingRequest.Move posting) {
    Account from = accounts.get(posting.from());
    if (from == null || !from.owner().equals(posting.key().owner())) {
      return LedgerProblem.accountNotFound("from");
    }
    Account to = accounts.get(posting.to());
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
    Money money = posting.money();
    String currency = money.currencyCode();
    if (!from.currency().equals(currency) || !to.currency().equals(currency)) {
      return LedgerProblem.currencyMismatch(money, from, to);
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
    Problem insufficient = insufficient(from, amount);
    return insufficient == null && exceedsLimit(to, amount) ? balanceLimitExceeded() : insufficient;
  }

  private static @Nullable Problem insufficient(Account from, long amount) {
    return from.available() < amount ? LedgerProblem.insufficientFunds(from, amount) : null;
  }

  private static boolean exceedsLimit(Account account, long amount) {
    return account.posted() + amount > Money.MAX_BALANCE;
  }

  private static Problem balanceLimitExceeded() {
    return Problem.of(
        LedgerProblem.BALANCE_LIMIT_EXCEEDED, "The receiver's balance would pass its limit.");
  }

  private Decision post(PostingRequest posting, UUID from, UUID to, Money money) {
    List<Transfer.Entry> entries = entries(from, to, money.minorUnits());
    return new Decision.Post(posting, entries, money.currencyCode(), null);
  }

  private List<Transfer.Entry> entries(UUID from, UUID to, long amount) {
    return List.of(entry(from, -amount), entry(to, amount));
  }

  private Transfer.Entry entry(UUID id, long amount) {
    Account account = accounts.computeIfPresent(id, (_, before) -> before.after(amount));
    return new Transfer.Entry(
        id,
        amount,
        account == null
            ? null
            : new Transfer.Entry.Customer(
                account.owner(), account.name(), account.sequence(), account.posted()));
  }

  private void hold(UUID id, long amount) {
    accounts.computeIfPresent(id, (_, before) -> before.holding(amount));
  }

  private Account account(UUID id) {
    return Objects.requireNonNull(accounts.get(id), "accounts are never deleted");
  }
}
