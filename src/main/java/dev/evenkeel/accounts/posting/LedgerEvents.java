package dev.evenkeel.accounts.posting;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.AccountFrozen;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.accounts.TransfersPosted;
import dev.evenkeel.database.Ids;
import dev.evenkeel.events.Outbox;
import dev.evenkeel.observability.TracePropagation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/** Publishes the ledger's events, in the transaction in which they happen. */
@Component
public class LedgerEvents {

  /** Keeps a consumer's work on one event small. */
  private static final int MAX_TRANSFERS = 100;

  private final Outbox outbox;
  private final TracePropagation tracing;

  LedgerEvents(Outbox outbox, TracePropagation tracing) {
    this.outbox = outbox;
    this.tracing = tracing;
  }

  /** Publishes the new transfers between customers; payments publish events of their own. */
  void posted(List<Decision> decisions) {
    Map<Instant, List<Transfer>> byTime = new LinkedHashMap<>();
    for (Decision decision : decisions) {
      if (decision.made() instanceof Transfer transfer && transfer.customers().size() == 2) {
        byTime.computeIfAbsent(transfer.postedAt(), _ -> new ArrayList<>()).add(transfer);
      }
    }
    byTime.values().forEach(this::publish);
  }

  private void publish(List<Transfer> posted) {
    for (int i = 0; i < posted.size(); i += MAX_TRANSFERS) {
      List<Transfer> some = posted.subList(i, Math.min(i + MAX_TRANSFERS, posted.size()));
      outbox.publish(
          new TransfersPosted(
              Ids.next(),
              some.stream().map(LedgerEvents::posted).toList(),
              some.getFirst().postedAt(),
              tracing.traceparent()));
    }
  }

  public void frozen(Account it) {
    outbox.publish(
        new AccountFrozen(
            Ids.next(), it.id(), it.name(), it.owner(), Instant.now(), tracing.traceparent()));
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
      throw new IllegalStateException("not a transfer between customers");
    }
    return new TransfersPosted.Party(entry.account(), customer.owner(), customer.name());
  }
}
