package dev.evenkeel.accounts;

import com.fasterxml.uuid.Generators;
import dev.evenkeel.platform.LaterWork;
import dev.evenkeel.platform.RetryingTransactions;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Component;
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
  public PostingOutcome submit(Posting posting) {
    return transactions.run(() -> {
      PostingOutcome outcome = writer.write(List.of(posting)).getFirst();
      if (outcome instanceof PostingOutcome.Posted(Transfer transfer)) {
        events.publishEvent(announcement(transfer));
      }
      return outcome;
    });
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
