package dev.evenkeel.accounts.posting;

import dev.evenkeel.accounts.LedgerRecord;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.posting.PostingWriter.Mode;
import dev.evenkeel.database.RetryingTransactions;
import dev.evenkeel.idempotency.InFlightRequests;
import dev.evenkeel.idempotency.Outcome;
import java.util.List;
import org.springframework.stereotype.Component;

/** Gives each posting request a transaction of its own. */
@Component
public class DirectCommit implements PostingExecutor {

  private final PostingWriter writer;
  private final RetryingTransactions transactions;
  private final InFlightRequests inFlight;

  public DirectCommit(
      PostingWriter writer, RetryingTransactions transactions, InFlightRequests inFlight) {
    this.writer = writer;
    this.transactions = transactions;
    this.inFlight = inFlight;
  }

  @Override
  public Outcome<LedgerRecord> submit(PostingRequest request) {
    List<PostingRequest> batch = List.of(request);
    return inFlight.run(
        request.key(),
        () -> transactions.run(() -> writer.write(batch, Mode.WAIT).inOrderOf(batch).getFirst()));
  }
}
