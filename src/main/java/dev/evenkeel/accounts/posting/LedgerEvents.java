package dev.evenkeel.accounts.posting;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.AccountFrozen;
import dev.evenkeel.accounts.LedgerRecord;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.accounts.TransfersPosted;
import dev.evenkeel.database.Ids;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.observability.TracePropagation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Component;

/** Tells other modules what has happened, in the transaction in which it happens. */
@Component
public class LedgerEvents {

  /** So that a listener's work on one event stays small. */
  private static final int LARGEST_EVENT = 100;

  private final ApplicationEventPublisher events;
  private final TracePropagation later;

  LedgerEvents(ApplicationEventPublisher events, TracePropagation later) {
    this.events = events;
    this.later = later;
  }

  /**
   * Of these, what was posted between customers: payments' own postings are announced by theirs.
   */
  public void posted(Collection<Outcome<LedgerRecord>> outcomes) {
    List<Transfer> posted = new ArrayList<>();
    for (Outcome<LedgerRecord> outcome : outcomes) {
      if (outcome instanceof Outcome.Done<LedgerRecord>(Transfer transfer)
          && transfer.payment() == null) {
        posted.add(transfer);
      }
    }
    for (int i = 0; i < posted.size(); i += LARGEST_EVENT) {
      List<Transfer> some = posted.subList(i, Math.min(i + LARGEST_EVENT, posted.size()));
      events.publishEvent(
          new TransfersPosted(
              Ids.next(),
              some.stream().map(LedgerEvents::posted).toList(),
              some.getFirst().postedAt(),
              later.traceparent()));
    }
  }

  public void frozen(Account it) {
    events.publishEvent(
        new AccountFrozen(
            Ids.next(), it.id(), it.name(), it.owner(), Instant.now(), later.traceparent()));
  }

  private static TransfersPosted.Posted posted(Transfer transfer) {
    return new TransfersPosted.Posted(
        transfer.id(),
        party(transfer.entries().getFirst()),
        party(transfer.entries().getLast()),
        transfer.amount(),
        transfer.currency(),
        transfer.reversalOf());
  }

  private static TransfersPosted.Party party(Transfer.Entry entry) {
    Transfer.Entry.Customer customer = entry.customer();
    if (customer == null) {
      throw new IllegalStateException("only transfers between customers are announced here");
    }
    return new TransfersPosted.Party(entry.account(), customer.owner(), customer.name());
  }
}
