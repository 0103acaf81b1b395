package dev.evenkeel.accounts;

import dev.evenkeel.platform.BusyException;
import dev.evenkeel.platform.Outcome;
import dev.evenkeel.platform.RetryingTransactions;
import dev.evenkeel.platform.SqlState;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** The door for what callers ask for: each posting durable before its answer. */
@Component
class Postings {

  private final PostingWriter writer;
  private final RetryingTransactions transactions;
  private final Announcements announcements;
  private final @Nullable GroupCommit groupCommit;

  /**
   * What this instance is posting: who gave up waiting behind its like must not say "no effect".
   */
  private final Set<Posting.Key> inProgress = ConcurrentHashMap.newKeySet();

  Postings(
      PostingWriter writer,
      RetryingTransactions transactions,
      Announcements announcements,
      ObjectProvider<GroupCommit> groupCommit) {
    this.writer = writer;
    this.transactions = transactions;
    this.announcements = announcements;
    this.groupCommit = groupCommit.getIfAvailable();
  }

  /**
   * Posts in a transaction of its own and refuses to run inside another: the answer says what is
   * durable.
   *
   * @throws RetryingTransactions.OvertakenException if another request with the key is in progress
   */
  @Transactional(propagation = Propagation.NEVER)
  public Outcome<Posted> submit(Posting posting) {
    boolean first = inProgress.add(posting.key());
    try {
      return groupCommit == null
          ? transactions.run(() -> post(posting))
          : groupCommit.submit(posting);
    } catch (BusyException | DataAccessException | TransactionException failure) {
      boolean nothingHappened =
          failure instanceof BusyException || SqlState.of(failure) == SqlState.TIMED_OUT;
      if (!first && nothingHappened) {
        throw new RetryingTransactions.OvertakenException("the same key is in progress");
      }
      throw failure;
    } finally {
      if (first) {
        inProgress.remove(posting.key());
      }
    }
  }

  private Outcome<Posted> post(Posting posting) {
    Outcome<Posted> outcome = writer.write(List.of(posting)).getFirst();
    announcements.publish(List.of(outcome));
    return outcome;
  }
}
