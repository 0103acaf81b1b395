package dev.evenkeel.payments.reconciliation;

import dev.evenkeel.accounts.Books;
import dev.evenkeel.accounts.Ledger;
import dev.evenkeel.accounts.LedgerRecord;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.database.RetryingTransactions;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.money.Money;
import dev.evenkeel.payments.Reconciliation.Difference;
import dev.evenkeel.payments.Reconciliation.Kind;
import dev.evenkeel.payments.provider.Deduction;
import dev.evenkeel.payments.provider.ProviderBalance;
import java.util.ArrayList;
import java.util.Currency;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Posts what the provider deducted, each once by the provider's id, however often it is reported.
 */
@Component
class DeductionPostings {

  private static final Logger log = LoggerFactory.getLogger(DeductionPostings.class);

  private final Books books;
  private final Ledger ledger;
  private final RetryingTransactions transactions;

  DeductionPostings(Books books, Ledger ledger, RetryingTransactions transactions) {
    this.books = books;
    this.ledger = ledger;
    this.transactions = transactions;
  }

  /**
   * A deduction that is not in the ledger as the provider reports it.
   *
   * @param posted whether it is there with another amount or currency
   */
  record Differing(Deduction deduction, boolean posted) {

    Difference difference() {
      return new Difference(
          posted ? Kind.AMOUNT_DIFFERS : Kind.MISSING_HERE,
          null,
          deduction.id(),
          posted ? "posted otherwise" : null,
          deduction.describe(),
          false);
    }
  }

  /** Posts a page in one transaction, and returns what differs. */
  List<Differing> post(String provider, List<Deduction> page) {
    List<Differing> differing = new ArrayList<>();
    Map<PostingRequest.Key, Deduction> byKey = new HashMap<>();
    List<PostingRequest> requests = new ArrayList<>();
    for (Deduction it : page) {
      Currency currency = Money.currency(it.currency()).orElse(null);
      if (currency == null || !isAmount(it.amount())) {
        differing.add(new Differing(it, false));
        continue;
      }
      PostingRequest request =
          PostingRequest.Deduction.of(provider, it.id(), kind(it), it.amount(), currency);
      Deduction other = byKey.putIfAbsent(request.key(), it);
      if (other == null) {
        requests.add(request);
      } else if (other.amount() != it.amount() || !other.currency().equals(it.currency())) {
        differing.add(new Differing(it, true));
      }
    }
    if (!requests.isEmpty()) {
      List<Outcome<LedgerRecord>> outcomes = transactions.run(() -> books.post(requests));
      for (int i = 0; i < requests.size(); i++) {
        Deduction it = Objects.requireNonNull(byKey.get(requests.get(i).key()));
        if (outcomes.get(i) instanceof Outcome.Refused<LedgerRecord>) {
          differing.add(new Differing(it, true));
        }
      }
    }
    return differing;
  }

  private static boolean isAmount(long amount) {
    return amount != 0 && amount >= -Money.MAX_AMOUNT && amount <= Money.MAX_AMOUNT;
  }

  private static PostingRequest.Deduction.Kind kind(Deduction it) {
    return switch (it.kind()) {
      case FEE -> PostingRequest.Deduction.Kind.FEE;
      case BANK_PAYOUT -> PostingRequest.Deduction.Kind.BANK_PAYOUT;
    };
  }

  void report(String provider, List<ProviderBalance> balances) {
    for (ProviderBalance it : balances) {
      Money.currency(it.currency())
          .ifPresentOrElse(
              currency -> ledger.reportClearing(provider, currency, it.amount()),
              () -> log.warn("The provider owes us {}, an unknown currency", it));
    }
  }
}
