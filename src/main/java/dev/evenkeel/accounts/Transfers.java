package dev.evenkeel.accounts;

import com.fasterxml.uuid.Generators;
import dev.evenkeel.platform.LaterWork;
import dev.evenkeel.platform.Outcome;
import dev.evenkeel.platform.RetryingTransactions;
import dev.evenkeel.platform.SqlState;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Transfers between customers' accounts, each durable before its answer. */
@Component
public class Transfers {

  private final TransferReader reader;
  private final PostingWriter writer;
  private final RetryingTransactions transactions;
  private final ApplicationEventPublisher events;
  private final LaterWork later;

  /**
   * What this instance is posting: who gave up waiting behind its like must not say "no effect".
   */
  private final Set<Posting.Key> inProgress = ConcurrentHashMap.newKeySet();

  Transfers(
      TransferReader reader,
      PostingWriter writer,
      RetryingTransactions transactions,
      ApplicationEventPublisher events,
      LaterWork later) {
    this.reader = reader;
    this.writer = writer;
    this.transactions = transactions;
    this.events = events;
    this.later = later;
  }

  /**
   * Posts in a transaction of its own and refuses to run inside another: the answer says what is
   * durable. What follows from a transfer elsewhere follows from {@link TransfersPosted}.
   */
  @Transactional(propagation = Propagation.NEVER)
  public Outcome<Transfer> submit(Posting posting) {
    boolean first = inProgress.add(posting.key());
    try {
      return transactions.run(() -> post(posting));
    } catch (DataAccessException | TransactionException failure) {
      if (!first && SqlState.of(failure) == SqlState.TIMED_OUT) {
        throw new RetryingTransactions.OvertakenException("the same key is in progress");
      }
      throw failure;
    } finally {
      if (first) {
        inProgress.remove(posting.key());
      }
    }
  }

  private Outcome<Transfer> post(Posting posting) {
    Outcome<Transfer> outcome = writer.write(List.of(posting)).getFirst();
    if (outcome instanceof Outcome.Done<Transfer>(Transfer transfer)) {
      events.publishEvent(announcement(transfer));
    }
    return outcome;
  }

  /** Whoever it concerns. Refused ones are none. */
  public Optional<Transfer> find(UUID id) {
    return reader.read(List.of(id)).stream().findFirst();
  }

  private TransfersPosted announcement(Transfer transfer) {
    return new TransfersPosted(
        Generators.timeBasedEpochGenerator().generate(),
        List.of(
            new TransfersPosted.Posted(
                transfer.id(),
                party(transfer, transfer.from()),
                party(transfer, transfer.to()),
                transfer.amount(),
                transfer.currency())),
        transfer.postedAt(),
        later.traceparent());
  }

  private static TransfersPosted.Party party(Transfer transfer, UUID account) {
    Transfer.Leg.Customer customer =
        transfer.legs().stream()
            .filter(leg -> leg.account().equals(account))
            .findFirst()
            .map(Transfer.Leg::customer)
            .orElseThrow(() -> new IllegalStateException("a transfer between customers only"));
    return new TransfersPosted.Party(account, customer.owner(), customer.name());
  }
}
