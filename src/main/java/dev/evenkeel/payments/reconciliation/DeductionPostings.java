package dev.evenkeel.payments.reconciliation;

import dev.evenkeel.accounts.Books;
import dev.evenkeel.accounts.Ledger;
import dev.evenkeel.accounts.LedgerRecord;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.database.RetryingTransactions;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.money.Money;
import dev.evenkeel.payments.provider.Deduction;
import dev.evenkeel.payments.provider.ProviderBalance;
import java.util.ArrayList;
import java.util.Currency;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
   * Posts a page in one transaction.
   *
   * @return those that cannot be posted, or that were posted with another amount or currency before
   */
  List<Deduction> post(String provider, List<Deduction> page) {
    List<Deduction> differing = new ArrayList<>();
    Map<PostingRequest.Key, Deduction> byKey = new LinkedHashMap<>();
    List<PostingRequest> requests = new ArrayList<>();
    for (Deduction it : page) {
      Currency currency = Money.currency(it.currency()).orElse(null);
      if (currency == null || it.amount() == 0 || Math.abs(it.amount()) > Money.MAX_AMOUNT) {
        differing.add(it);
        continue;
      }
      PostingRequest request =
          PostingRequest.Deduction.of(provider, it.id(), kind(it), it.amount(), currency);
      if (byKey.putIfAbsent(request.key(), it) == null) {
        requests.add(request);
      }
    }
    if (!requests.isEmpty()) {
      List<Outcome<LedgerRecord>> outcomes = transactions.run(() -> books.post(requests));
      for (int i = 0; i < requests.size(); i++) {
        if (outcomes.get(i) instanceof Outcome.Refused<LedgerRecord>) {
          differing.add(byKey.get(requests.get(i).key()));
        }
      }
    }
    return differing;
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
