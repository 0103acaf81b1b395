package dev.evenkeel.accounts.posting;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.Hold;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.accounts.TransferId;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.money.Money;
import dev.evenkeel.problems.Problem;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides posting requests. The caller holds the locks of all accounts, so that nothing changes
 * between a decision and its posting. {@link TransferRules} and {@link SettlementRules} have the
 * rules of each kind of request.
 */
final class PostingRules {

  private final RunningBalances balances;
  private final TransferRules transfers;
  private final SettlementRules settlements;
  private final List<Decision> decisions = new ArrayList<>();

  private PostingRules(LedgerState state) {
    this.balances = new RunningBalances(state);
    this.transfers = new TransferRules(state, balances);
    this.settlements = new SettlementRules(state, balances);
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
      rules.balances.changeHeld(hold.from(), -hold.amount());
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
    Account debtor = balances.find(id);
    if (debtor != null && debtor.repayable() > 0) {
      Money money = Money.of(debtor.repayable(), debtor.currency());
      decide(PostingRequest.Repayment.of(cause, debtor, money));
    }
  }

  private @Nullable Problem refusal(PostingRequest request) {
    return switch (request) {
      case PostingRequest.Move it -> transfers.refusal(it);
      case PostingRequest.Reversal it -> transfers.refusal(it);
      case PostingRequest.Capture it -> transfers.refusal(it);
      case PostingRequest.Settlement it -> settlements.refusal(it);
      case PostingRequest.Repayment _ -> null;
      case PostingRequest.Adjustment it -> settlements.refusal(it);
      case PostingRequest.Deduction _ -> null;
    };
  }

  private Decision carryOut(PostingRequest request) {
    return switch (request) {
      case PostingRequest.Transfer it -> balances.post(it, it.from(), it.to(), it.money());
      case PostingRequest.Reversal it -> transfers.reverse(it);
      case PostingRequest.Hold it ->
          balances.place(it, it.from(), it.to(), it.money(), it.expiresIn());
      case PostingRequest.Capture it -> transfers.capture(it);
      case PostingRequest.Settlement it -> settlements.settle(it);
      case PostingRequest.Repayment it -> settlements.repay(it);
      case PostingRequest.Adjustment it -> balances.post(it, it.from(), it.to(), it.money());
      case PostingRequest.Deduction it -> settlements.deduct(it);
    };
  }
}
