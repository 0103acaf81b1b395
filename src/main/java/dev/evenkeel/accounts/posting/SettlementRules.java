package dev.evenkeel.accounts.posting;

import static dev.evenkeel.accounts.posting.AccountChecks.balanceLimitExceeded;
import static dev.evenkeel.accounts.posting.AccountChecks.exceedsMaxBalance;
import static dev.evenkeel.accounts.posting.AccountChecks.fundsMissing;
import static dev.evenkeel.accounts.posting.AccountChecks.insufficientFunds;
import static dev.evenkeel.accounts.posting.AccountChecks.sameAccount;
import static dev.evenkeel.accounts.posting.AccountChecks.unusable;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.Hold;
import dev.evenkeel.accounts.LedgerProblem;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.money.Money;
import dev.evenkeel.problems.Problem;
import java.util.ArrayList;
import java.util.Currency;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rules of postings that involve the ledger's own accounts: settlements of payments with the
 * provider, repayments of what a charge-back left owed, operators' adjustments, and what providers
 * deduct.
 */
final class SettlementRules {

  private final RunningBalances balances;
  private final Map<AccountId, Long> systemFunds;

  SettlementRules(LedgerState state, RunningBalances balances) {
    this.balances = balances;
    this.systemFunds = state.systemFunds();
  }

  /** Checks a settlement. What the provider has decided is never refused. */
  @Nullable Problem refusal(PostingRequest.Settlement request) {
    return switch (request.kind()) {
      case HOLD -> refusalOfHold(balances.account(request.account()), request.money());
      case HOLD_UNPLACED -> insufficientSystemFunds(suspense(request), request.money());
      case COLLECT, PAY_OUT, TAKE_BACK, BRING_BACK -> null;
    };
  }

  /** Checks the hold of a pay-out or a refund. */
  private static @Nullable Problem refusalOfHold(Account from, Money money) {
    Problem unsuitable = unsuitable(from, money);
    return unsuitable == null ? insufficientFunds(from, money.minorUnits()) : unsuitable;
  }

  /** Checks an adjustment, of which at most one account is a customer's. */
  @Nullable Problem refusal(PostingRequest.Adjustment request) {
    Account from = balances.find(request.from());
    Account customer = from == null ? balances.find(request.to()) : from;
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

  private static @Nullable Problem unsuitable(Account account, Money money) {
    Problem unusable = unusable(account);
    return unusable == null && !account.currency().equals(money.currencyCode())
        ? LedgerProblem.currencyMismatch(money, account)
        : unusable;
  }

  private @Nullable Problem insufficientSystemFunds(AccountId from, Money money) {
    Long funds = systemFunds.get(from);
    return funds != null && funds < money.minorUnits() ? fundsMissing(funds, money) : null;
  }

  Decision settle(PostingRequest.Settlement request) {
    return switch (request.kind()) {
      case HOLD -> place(request, request.account());
      case HOLD_UNPLACED -> place(request, suspense(request));
      case COLLECT, BRING_BACK -> credit(request);
      case PAY_OUT -> capture(request);
      case TAKE_BACK -> debit(request);
    };
  }

  private Decision place(PostingRequest.Settlement request, AccountId from) {
    AccountId to = SystemAccount.PROVIDER_CLEARING.in(request.money().currency());
    return balances.place(request, from, to, request.money(), null);
  }

  private static AccountId suspense(PostingRequest.Settlement request) {
    return SystemAccount.SUSPENSE.in(request.money().currency());
  }

  /** Captures the money that the provider has paid out, whatever the account's status. */
  private Decision capture(PostingRequest.Settlement request) {
    Hold hold = balances.hold(request);
    if (hold.status() != Hold.Status.HELD) {
      throw new IllegalStateException("the hold ended before its payment did: " + hold);
    }
    return balances.capture(request, request.money().minorUnits());
  }

  /** Credits the customer, or suspense where the customer's account cannot take the money. */
  private Decision credit(PostingRequest.Settlement request) {
    Account to = balances.account(request.account());
    Currency currency = request.money().currency();
    boolean fits =
        acceptsSettlements(to, currency) && !exceedsMaxBalance(to, request.money().minorUnits());
    return balances.post(
        request,
        SystemAccount.PROVIDER_CLEARING.in(currency),
        fits ? to.id() : SystemAccount.SUSPENSE.in(currency),
        request.money());
  }

  /** Debits what the customer has available and owes the rest, which is our receivable. */
  private Decision debit(PostingRequest.Settlement request) {
    Account from = balances.account(request.account());
    Currency currency = request.money().currency();
    long amount = request.money().minorUnits();
    AccountId clearing = SystemAccount.PROVIDER_CLEARING.in(currency);
    if (!acceptsSettlements(from, currency)) {
      return balances.post(request, SystemAccount.SUSPENSE.in(currency), clearing, request.money());
    }
    long available = Math.clamp(from.available(), 0, amount);
    List<Transfer.Entry> entries = new ArrayList<>();
    if (available > 0) {
      entries.add(balances.entry(from.id(), -available));
    }
    if (available < amount) {
      balances.changeOwed(from.id(), amount - available);
      entries.add(balances.entry(SystemAccount.RECEIVABLE.in(currency), available - amount));
    }
    entries.add(balances.entry(clearing, amount));
    return balances.post(request, entries, currency.getCurrencyCode(), null);
  }

  /** Frozen accounts accept what the provider has decided. */
  private static boolean acceptsSettlements(Account account, Currency currency) {
    return account.status() != Account.Status.CLOSED
        && account.currency().equals(currency.getCurrencyCode());
  }

  /** Lowers what the provider owes us: that is what clearing lacks. */
  Decision deduct(PostingRequest.Deduction request) {
    SystemAccount other =
        switch (request.kind()) {
          case FEE -> SystemAccount.PROVIDER_FEES;
          case BANK_PAYOUT -> SystemAccount.BANK;
        };
    Currency currency = request.currency();
    AccountId clearing = SystemAccount.PROVIDER_CLEARING.in(currency);
    Money money = Money.of(Math.abs(request.amount()), currency.getCurrencyCode());
    return request.amount() > 0
        ? balances.post(request, other.in(currency), clearing, money)
        : balances.post(request, clearing, other.in(currency), money);
  }

  Decision repay(PostingRequest.Repayment request) {
    Money money = request.money();
    balances.changeOwed(request.debtor(), -money.minorUnits());
    AccountId receivable = SystemAccount.RECEIVABLE.in(money.currency());
    return balances.post(request, request.debtor(), receivable, money);
  }
}
