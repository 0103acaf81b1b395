package dev.evenkeel.accounts;

import dev.evenkeel.accounts.posting.HoldRepository;
import dev.evenkeel.accounts.posting.PostingExecutor;
import dev.evenkeel.accounts.posting.PostingWriter;
import dev.evenkeel.database.RetryingTransactions;
import dev.evenkeel.idempotency.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import net.javacrumbs.shedlock.spring.annotation.SchedulerLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.CannotCreateTransactionException;

/** Places, captures and releases holds between customer accounts, but not those of payments. */
@Component
public class Holds {

  private static final int EXPIRY_BATCH_SIZE = 100;
  private static final TransferId FIRST = new TransferId(new UUID(0, 0));
  private static final Duration LOCK_WAIT = Duration.ofMillis(100);
  private static final Logger log = LoggerFactory.getLogger(Holds.class);

  private final PostingExecutor executor;
  private final HoldRepository holds;
  private final PostingWriter writer;
  private final RetryingTransactions transactions;

  Holds(
      PostingExecutor executor,
      HoldRepository holds,
      PostingWriter writer,
      RetryingTransactions transactions) {
    this.executor = executor;
    this.holds = holds;
    this.writer = writer;
    this.transactions = transactions;
  }

  public Outcome<Hold> place(PostingRequest.Hold request) {
    return executor.submit(request).map(Hold.class::cast);
  }

  /** Captures a hold. The caller checks first that its own caller is the owner or an operator. */
  public Outcome<Transfer> capture(PostingRequest.Capture request) {
    return executor.submit(request).map(Transfer.class::cast);
  }

  /** Releases a hold in a transaction of its own. Releasing a released hold changes nothing. */
  public Outcome<Hold> release(TransferId id) {
    return transactions.run(() -> {
      writer.endHolds(List.of(id), Hold.Status.RELEASED);
      Hold hold = holds.find(List.of(id)).getFirst();
      return hold.status() == Hold.Status.RELEASED
          ? new Outcome.Done<>(hold)
          : Outcome.refused(LedgerProblem.holdNotOpen(hold));
    });
  }

  /** Finds a hold by id, whoever owns it. */
  public Optional<Hold> find(TransferId id) {
    return holds.find(List.of(id)).stream().filter(hold -> hold.expiresAt() != null).findFirst();
  }

  /**
   * Lists an owner's holds, newest first.
   *
   * @param account only holds from or to this account
   * @param after only holds with a smaller id
   */
  public List<Hold> list(
      String owner,
      @Nullable AccountId account,
      Hold.@Nullable Status status,
      TransferId after,
      int limit) {
    return holds.list(owner, account, status, after, limit);
  }

  @Scheduled(fixedDelay = 1000)
  @SchedulerLock(name = "hold-expiry", lockAtMostFor = "PT1M")
  public void expire() {
    List<TransferId> page = holds.findExpired(FIRST, EXPIRY_BATCH_SIZE);
    while (!page.isEmpty()) {
      expire(page);
      page = holds.findExpired(page.getLast(), EXPIRY_BATCH_SIZE);
    }
  }

  /** A hold that cannot expire, for example because its account is locked, delays no other. */
  private void expire(List<TransferId> page) {
    try {
      transactions.run(() -> {
        writer.limitLockWaits(LOCK_WAIT);
        return writer.endHolds(page, Hold.Status.EXPIRED);
      });
    } catch (CannotCreateTransactionException databaseAway) {
      throw databaseAway;
    } catch (RuntimeException failure) {
      if (page.size() == 1) {
        log.warn("Hold {} could not expire; it is tried again", page.getFirst(), failure);
      } else {
        page.forEach(hold -> expire(List.of(hold)));
      }
    }
  }
}
