package dev.evenkeel.accounts.posting;

import static dev.evenkeel.accounts.posting.AccountChecks.balanceLimitExceeded;
import static dev.evenkeel.accounts.posting.AccountChecks.exceedsMaxBalance;
import static dev.evenkeel.accounts.posting.AccountChecks.insufficientFunds;
import static dev.evenkeel.accounts.posting.AccountChecks.sameAccount;
import static dev.evenkeel.accounts.posting.AccountChecks.unusable;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.Hold;
import dev.evenkeel.accounts.LedgerProblem;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.accounts.TransferId;
import dev.evenkeel.money.Money;
import dev.evenkeel.problems.Problem;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The rules of what customers ask for: transfers, their reversals, holds and their captures. The
 * first problem that is found is the answer; problems with amounts come last.
 */
final class TransferRules {

  private final RunningBalances balances;
  private final Map<TransferId, Transfer> originals;
  private final Set<TransferId> reversed = new HashSet<>();
  private final Instant clock;

  TransferRules(LedgerState state, RunningBalances balances) {
    this.balances = balances;
    this.originals = state.originals();
    this.clock = state.clock();
  }

  /** Checks a transfer or a hold. */
  @Nullable Problem refusal(PostingRequest.Move request) {
    Account from = balances.find(request.from());
    if (from == null || !from.owner().equals(request.key().owner())) {
      return LedgerProblem.accountNotFound("from");
    }
    Account to = balances.find(request.to());
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

  @Nullable Problem refusal(PostingRequest.Reversal request) {
    Transfer original = original(request);
    if (original.customers().size() < 2 || original.reversalOf() != null) {
      return Problem.of(
          LedgerProblem.NOT_REVERSIBLE,
          "Only transfers between two accounts can be reversed, and no reversals.");
    }
    if (original.reversedBy() != null || reversed.contains(original.id())) {
      return Problem.of(LedgerProblem.ALREADY_REVERSED, "This transfer has already been reversed.");
    }
    Account from = balances.account(original.to());
    Account to = balances.account(original.from());
    Problem unusable = unusable(from, to);
    return unusable == null ? refusalForLimits(from, to, original.amount()) : unusable;
  }

  @Nullable Problem refusal(PostingRequest.Capture request) {
    Hold hold = balances.hold(request);
    if (!hold.isOpen(clock)) {
      return LedgerProblem.holdNotOpen(hold);
    }
    Account to = balances.account(hold.to());
    Problem unusable = unusable(balances.account(hold.from()), to);
    if (unusable != null) {
      return unusable;
    }
    long amount = amount(request);
    if (amount > hold.amount()) {
      return Problem.of(
          LedgerProblem.CAPTURE_EXCEEDS_HOLD,
          "The amount exceeds the hold of %s.".formatted(Money.of(hold.amount(), hold.currency())));
    }
    return exceedsMaxBalance(to, amount) ? balanceLimitExceeded() : null;
  }

  private static @Nullable Problem refusalForLimits(Account from, Account to, long amount) {
    Problem insufficientFunds = insufficientFunds(from, amount);
    return insufficientFunds == null && exceedsMaxBalance(to, amount)
        ? balanceLimitExceeded()
        : insufficientFunds;
  }

  Decision reverse(PostingRequest.Reversal request) {
    Transfer original = original(request);
    reversed.add(original.id());
    Money money = Money.of(original.amount(), original.currency());
    return balances.post(request, original.to(), original.from(), money);
  }

  Decision capture(PostingRequest.Capture request) {
    return balances.capture(request, amount(request));
  }

  private Transfer original(PostingRequest.Reversal request) {
    return Objects.requireNonNull(originals.get(request.reversalOf()));
  }

  private long amount(PostingRequest.Capture request) {
    return Objects.requireNonNullElse(request.amount(), balances.hold(request).amount());
  }
}
