package dev.evenkeel.accounts.posting;

import dev.evenkeel.accounts.LedgerRecord;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.database.ConcurrentRequestException;
import dev.evenkeel.database.RetryingTransactions;
import dev.evenkeel.idempotency.InFlightRequests;
import dev.evenkeel.idempotency.Outcome;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** The door for what callers ask for: each posting durable before its answer. */
@Component
public class PostingExecutor {

  private final PostingWriter writer;
  private final RetryingTransactions transactions;
  private final @Nullable GroupCommit groupCommit;
  private final InFlightRequests inProgress;

  PostingExecutor(
      PostingWriter writer,
      RetryingTransactions transactions,
      ObjectProvider<GroupCommit> groupCommit,
      InFlightRequests inProgress) {
    this.writer = writer;
    this.transactions = transactions;
    this.groupCommit = groupCommit.getIfAvailable();
    this.inProgress = inProgress;
  }

  /**
   * Posts in a transaction of its own and refuses to run inside another: the answer says what is
   * durable.
   *
   * @throws ConcurrentRequestException if another request with the key is in progress
   */
  @Transactional(propagation = Propagation.NEVER)
  public Outcome<LedgerRecord> submit(PostingRequest posting) {
    return inProgress.run(
        posting.key(),
        () ->
            groupCommit == null
                ? transactions.run(() -> writer.write(List.of(posting)).getFirst())
                : groupCommit.submit(posting));
  }
}
