package dev.evenkeel.accounts.posting;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.Hold;
import dev.evenkeel.accounts.LedgerProblem;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.accounts.TransferId;
import dev.evenkeel.database.Ids;
import dev.evenkeel.idempotency.Outcome;
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
import org.jspecify.annotations.Nullable;

/**
 * Decides posting requests. The caller holds the locks of all accounts, so that nothing changes
 * between a decision and its posting.
 */
final class PostingRules {

  private final Map<AccountId, Account> accounts;
  private final Map<TransferId, Hold> holds;
  private final Map<TransferId, Transfer> originals;
  private final Set<TransferId> reversed = new HashSet<>();
  private final Map<AccountId, Long> systemFunds;
  private final Instant now;
  private final List<Decision> decisions = new ArrayList<>();

  private PostingRules(LedgerState state) {
    this.accounts = new HashMap<>(state.accounts());
    this.holds = new HashMap<>(state.holds());
    this.originals = state.originals();
    this.systemFunds = state.systemFunds();
    this.now = state.now();
  }

  /**
   * Decides in order: each request sees the effects of the ones before it. A credit that repays
   * what an account owes is followed by a decision about the repayment.
   */
  static List<Decision> decide(List<PostingRequest> requests, LedgerState state) {
    PostingRules rules = new PostingRules(state);
    requests.forEach(rules::decide);
    return rules.decisions;
  }

  /** Returns the repayments that become possible because these holds ended without a posting. */
  static List<Decision> repay(List<Hold> ended, LedgerState state) {
    PostingRules rules = new PostingRules(state);
    for (Hold hold : ended) {
      rules.changeHeld(hold.from(), -hold.amount());
      rules.repay(hold.from(), hold.id());
    }
    return rules.decisions;
  }

  private void decide(PostingRequest request) {
    Problem refusal = refusal(request);
    if (refusal != null) {
      decisions.add(new Decision(request, Outcome.refused(refusal), null));
      return;
    }
    Decision decision = carryOut(request);
    decisions.add(decision);
    if (decision.made() instanceof Transfer transfer) {
      transfer.entries().forEach(entry -> repay(entry.account(), transfer.id()));
    }
  }

  /**
   * Repays what the account owes, as far as it has money that is free.
   *
   * @param cause the transfer or hold that may have freed it
   */
  private void repay(AccountId id, TransferId cause) {
    Account debtor = accounts.get(id);
    if (debtor != null && debtor.repayable() > 0) {
      Money money = Money.of(debtor.repayable(), debtor.currency());
      decide(PostingRequest.Repayment.of(cause, debtor, money));
    }
  }

  private @Nullable Problem refusal(PostingRequest request) {
    return switch (request) {
      case PostingRequest.Move move -> refusalOfMove(move);
      case PostingRequest.Reversal reversal -> refusalOfReversal(original(reversal));
      case PostingRequest.Capture capture -> refusalOfCapture(hold(capture), amount(capture));
      case PostingRequest.Settlement settlement ->
          switch (settlement.kind()) {
            case HOLD -> refusalOfPayOut(account(settlement.account()), settlement.money());
            case HOLD_UNPLACED -> insufficientSystemFunds(suspense(settlement), settlement.money());
            case COLLECT, PAY_OUT, TAKE_BACK, BRING_BACK -> null;
          };
      case PostingRequest.Repayment _ -> null;
      case PostingRequest.Adjustment adjustment -> refusalOfAdjustment(adjustment);
    };
  }

  private Decision carryOut(PostingRequest request) {
    return switch (request) {
      case PostingRequest.Transfer it -> post(it, it.from(), it.to(), it.money());
      case PostingRequest.Reversal it -> reverse(it);
      case PostingRequest.Hold it -> place(it, it.from(), it.to(), it.money(), it.expiresIn());
      case PostingRequest.Capture it -> capture(it, amount(it));
      case PostingRequest.Settlement it ->
          switch (it.kind()) {
            case HOLD -> place(it, it.account());
            case HOLD_UNPLACED -> place(it, suspense(it));
            case COLLECT, BRING_BACK -> credit(it);
            case PAY_OUT -> capture(it);
            case TAKE_BACK -> debit(it);
          };
      case PostingRequest.Repayment it -> repay(it);
      case PostingRequest.Adjustment it -> post(it, it.from(), it.to(), it.money());
    };
  }

  private Decision reverse(PostingRequest.Reversal request) {
    Transfer original = original(request);
    reversed.add(original.id());
    Money money = Money.of(original.amount(), original.currency());
    return post(request, original.to(), original.from(), money);
  }

  private Transfer original(PostingRequest.Reversal request) {
    return Objects.requireNonNull(originals.get(request.reversalOf()));
  }

  private Decision place(PostingRequest.Settlement request, AccountId from) {
    AccountId to = SystemAccount.PROVIDER_CLEARING.in(request.money().currency());
    return place(request, from, to, request.money(), null);
  }

  private static AccountId suspense(PostingRequest.Settlement request) {
    return SystemAccount.SUSPENSE.in(request.money().currency());
  }

  private Decision place(
      PostingRequest request,
      AccountId from,
      AccountId to,
      Money money,
      @Nullable Duration expiresIn) {
    changeHeld(from, money.minorUnits());
    Hold hold =
        new Hold(
            new TransferId(Ids.next()),
            request.key().owner(),
            from,
            to,
            money.minorUnits(),
            0,
            money.currencyCode(),
            request.description(),
            Hold.Status.HELD,
            expiresIn == null ? null : now.plus(expiresIn),
            now);
    return new Decision(request, new Outcome.Done<>(hold), null);
  }

  /** Captures the money that the provider has paid out, whatever the account's status. */
  private Decision capture(PostingRequest.Settlement request) {
    Hold hold = hold(request);
    if (hold.status() != Hold.Status.HELD) {
      throw new IllegalStateException("the hold ended before its payment did: " + hold);
    }
    return capture(request, request.money().minorUnits());
  }

  private Decision capture(PostingRequest request, long amount) {
    Hold hold = hold(request);
    Hold captured = hold.ended(Hold.Status.CAPTURED, amount);
    holds.put(hold.id(), captured);
    changeHeld(hold.from(), -hold.amount());
    return post(request, entries(hold.from(), hold.to(), amount), hold.currency(), captured);
  }

  private long amount(PostingRequest.Capture request) {
    return Objects.requireNonNullElse(request.amount(), hold(request).amount());
  }

  private Hold hold(PostingRequest request) {
    return Objects.requireNonNull(holds.get(request.hold()), "holds are never deleted");
  }

  /** Credits the customer, or suspense where the customer's account cannot take the money. */
  private Decision credit(PostingRequest.Settlement request) {
    Account to = account(request.account());
    Currency currency = request.money().currency();
    boolean fits =
        acceptsSettlements(to, currency) && !exceedsMaxBalance(to, request.money().minorUnits());
    return post(
        request,
        SystemAccount.PROVIDER_CLEARING.in(currency),
        fits ? to.id() : SystemAccount.SUSPENSE.in(currency),
        request.money());
  }

  private Decision repay(PostingRequest.Repayment request) {
    Money money = request.money();
    changeOwed(request.debtor(), -money.minorUnits());
    AccountId receivable = SystemAccount.RECEIVABLE.in(money.currency());
    return post(request, request.debtor(), receivable, money);
  }

  /** Debits what the customer has available and owes the rest, which is our receivable. */
  private Decision debit(PostingRequest.Settlement request) {
    Account from = account(request.account());
    Currency currency = request.money().currency();
    long amount = request.money().minorUnits();
    AccountId clearing = SystemAccount.PROVIDER_CLEARING.in(currency);
    if (!acceptsSettlements(from, currency)) {
      return post(request, SystemAccount.SUSPENSE.in(currency), clearing, request.money());
    }
    long available = Math.clamp(from.available(), 0, amount);
    List<Transfer.Entry> entries = new ArrayList<>();
    if (available > 0) {
      entries.add(entry(from.id(), -available));
    }
    if (available < amount) {
      changeOwed(from.id(), amount - available);
      entries.add(entry(SystemAccount.RECEIVABLE.in(currency), available - amount));
    }
    entries.add(entry(clearing, amount));
    return post(request, entries, currency.getCurrencyCode(), null);
  }

  /** Frozen accounts accept what the provider has decided. */
  private static boolean acceptsSettlements(Account account, Currency currency) {
    return account.status() != Account.Status.CLOSED
        && account.currency().equals(currency.getCurrencyCode());
  }

  /** Checks the hold of a pay-out or a refund. */
  private static @Nullable Problem refusalOfPayOut(Account from, Money money) {
    Problem unsuitable = unsuitable(from, money);
    return unsuitable == null ? insufficientFunds(from, money.minorUnits()) : unsuitable;
  }

  private static @Nullable Problem unsuitable(Account account, Money money) {
    Problem unusable = unusable(account);
    return unusable == null && !account.currency().equals(money.currencyCode())
        ? LedgerProblem.currencyMismatch(money, account)
        : unusable;
  }

  /** Checks an adjustment, of which at most one account is a customer's. */
  private @Nullable Problem refusalOfAdjustment(PostingRequest.Adjustment request) {
    Account from = accounts.get(request.from());
    Account customer = from == null ? accounts.get(request.to()) : from;
    Problem unsuitable = customer == null ? null : unsuitable(customer, request.money());
    if (unsuitable != null) {
      return unsuitable;
    }
    if (request.from().equals(request.to())) {
      return sameAccount();
    }
    long amount = request.money().minorUnits();
    if (from != null) {
      return insufficientFunds(from, amount);
    }
    Problem insufficientFunds = insufficientSystemFunds(request.from(), request.money());
    return insufficientFunds == null && customer != null && exceedsMaxBalance(customer, amount)
        ? balanceLimitExceeded()
        : insufficientFunds;
  }

  private @Nullable Problem insufficientSystemFunds(AccountId from, Money money) {
    Long funds = systemFunds.get(from);
    return funds != null && funds < money.minorUnits() ? fundsMissing(funds, money) : null;
  }

  /** Checks a transfer or a hold. The first problem wins; problems with amounts come last. */
  private @Nullable Problem refusalOfMove(PostingRequest.Move request) {
    Account from = accounts.get(request.from());
    if (from == null || !from.owner().equals(request.key().owner())) {
      return LedgerProblem.accountNotFound("from");
    }
    Account to = accounts.get(request.to());
    if (to == null) {
      return LedgerProblem.accountNotFound("to");
    }
    Problem unusable = unusable(from, to);
    if (unusable != null) {
      return unusable;
    }
    if (from.id().equals(to.id())) {
      return sameAccount();
    }
    Money money = request.money();
    String currency = money.currencyCode();
    if (!from.currency().equals(currency) || !to.currency().equals(currency)) {
      return LedgerProblem.currencyMismatch(money, from, to);
    }
    return refusalForLimits(from, to, money.minorUnits());
  }

  /** Checks the reversal of a transfer. */
  private @Nullable Problem refusalOfReversal(Transfer original) {
    if (original.customers().size() < 2 || original.reversalOf() != null) {
      return Problem.of(
          LedgerProblem.NOT_REVERSIBLE,
          "Only transfers between two accounts can be reversed, and no reversals.");
    }
    if (original.reversedBy() != null || reversed.contains(original.id())) {
      return Problem.of(LedgerProblem.ALREADY_REVERSED, "This transfer has already been reversed.");
    }
    Account from = account(original.to());
    Account to = account(original.from());
    Problem unusable = unusable(from, to);
    return unusable == null ? refusalForLimits(from, to, original.amount()) : unusable;
  }

  /** Checks the capture of a hold. */
  private @Nullable Problem refusalOfCapture(Hold hold, long amount) {
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
          "The amount exceeds the hold of %s.".formatted(Money.of(hold.amount(), hold.currency())));
    }
    return exceedsMaxBalance(to, amount) ? balanceLimitExceeded() : null;
  }

  private static @Nullable Problem unusable(Account... accounts) {
    for (Account account : accounts) {
      switch (account.status()) {
        case OPEN -> {}
        case FROZEN -> {
          return Problem.of(
              LedgerProblem.ACCOUNT_FROZEN, "Account " + account.id() + " is frozen.");
        }
        case CLOSED -> {
          return Problem.of(
              LedgerProblem.ACCOUNT_CLOSED, "Account " + account.id() + " is closed.");
        }
      }
    }
    return null;
  }

  private static @Nullable Problem refusalForLimits(Account from, Account to, long amount) {
    Problem insufficientFunds = insufficientFunds(from, amount);
    return insufficientFunds == null && exceedsMaxBalance(to, amount)
        ? balanceLimitExceeded()
        : insufficientFunds;
  }

  private static @Nullable Problem insufficientFunds(Account from, long amount) {
    return from.available() < amount
        ? fundsMissing(from.available(), Money.of(amount, from.currency()))
        : null;
  }

  private static Problem fundsMissing(long available, Money required) {
    return Problem.of(
            LedgerProblem.INSUFFICIENT_FUNDS,
            "The account has %s available, but %s is required."
                .formatted(Money.of(available, required.currencyCode()), required))
        .with("available", available)
        .with("required", required.minorUnits());
  }

  private static Problem sameAccount() {
    return Problem.of(LedgerProblem.SAME_ACCOUNT, "\"from\" and \"to\" are the same account.");
  }

  private static boolean exceedsMaxBalance(Account account, long amount) {
    return account.posted() + amount > Money.MAX_BALANCE;
  }

  private static Problem balanceLimitExceeded() {
    return Problem.of(
        LedgerProblem.BALANCE_LIMIT_EXCEEDED,
        "The balance of the receiving account would exceed its limit.");
  }

  private Decision post(PostingRequest request, AccountId from, AccountId to, Money money) {
    List<Transfer.Entry> entries = entries(from, to, money.minorUnits());
    return post(request, entries, money.currencyCode(), null);
  }

  private Decision post(
      PostingRequest request,
      List<Transfer.Entry> entries,
      String currency,
      @Nullable Hold captured) {
    Transfer transfer =
        new Transfer(
            new TransferId(Ids.next()),
            request.key().owner(),
            entries.getFirst().account(),
            entries.getLast().account(),
            entries.getLast().amount(),
            currency,
            captured == null ? request.description() : captured.description(),
            request.reference(),
            request.metadata(),
            request.payment(),
            request.reversalOf(),
            null,
            request.hold(),
            now,
            entries);
    return new Decision(request, new Outcome.Done<>(transfer), captured);
  }

  private List<Transfer.Entry> entries(AccountId from, AccountId to, long amount) {
    return List.of(entry(from, -amount), entry(to, amount));
  }

  private Transfer.Entry entry(AccountId id, long amount) {
    Account account = accounts.computeIfPresent(id, (_, before) -> before.after(amount));
    return new Transfer.Entry(
        id,
        amount,
        account == null
            ? null
            : new Transfer.Entry.Customer(
                account.owner(), account.name(), account.sequence(), account.posted()));
  }

  private void changeHeld(AccountId id, long amount) {
    accounts.computeIfPresent(id, (_, before) -> before.holding(amount));
  }

  private void changeOwed(AccountId id, long amount) {
    accounts.computeIfPresent(id, (_, before) -> before.owing(amount));
  }

  private Account account(AccountId id) {
    return Objects.requireNonNull(accounts.get(id), "accounts are never deleted");
  }
}
