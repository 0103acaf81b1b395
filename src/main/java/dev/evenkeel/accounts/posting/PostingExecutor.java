package dev.evenkeel.accounts.posting;

import dev.evenkeel.accounts.LedgerRecord;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.database.ConcurrentRequestException;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.problems.BusyException;
import dev.evenkeel.problems.OutcomeUnknownException;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Executes a caller's posting request; the result is durable before it is returned. */
public interface PostingExecutor {

  /**
   * Posts in a transaction of its own. Refuses to run inside another transaction, because the
   * result would not be durable before that one commits.
   *
   * @throws BusyException if nothing happened, because the request's turn did not come
   * @throws ConcurrentRequestException if another request with the same key is in progress
   * @throws OutcomeUnknownException if the request waited for a lock in vain, or the connection was
   *     lost and the outcome could not be found out
   */
  @Transactional(propagation = Propagation.NEVER)
  Outcome<LedgerRecord> submit(PostingRequest request);
}
