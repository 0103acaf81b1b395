package dev.evenkeel.accounts;

import dev.evenkeel.accounts.posting.HoldRepository;
import dev.evenkeel.accounts.posting.PostingExecutor;
import dev.evenkeel.accounts.posting.PostingWriter;
import dev.evenkeel.database.RetryingTransactions;
import dev.evenkeel.idempotency.Outcome;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import net.javacrumbs.shedlock.spring.annotation.SchedulerLock;
import org.jspecify.annotations.Nullable;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Holds between customers' accounts. Payments' own are none of these. */
@Component
public class Holds {

  private static final int EXPIRED_AT_ONCE = 100;

  private final PostingExecutor postings;
  private final HoldRepository table;
  private final PostingWriter writer;
  private final RetryingTransactions transactions;

  Holds(
      PostingExecutor postings,
      HoldRepository table,
      PostingWriter writer,
      RetryingTransactions transactions) {
    this.postings = postings;
    this.table = table;
    this.writer = writer;
    this.transactions = transactions;
  }

  public Outcome<Hold> place(PostingRequest.Hold posting) {
    return postings.submit(posting).map(Hold.class::cast);
  }

  /** Who may is the caller's to check: the owner of the hold, or an operator. */
  public Outcome<Transfer> capture(PostingRequest.Capture posting) {
    return postings.submit(posting).map(Transfer.class::cast);
  }

  /** In a transaction of its own. A hold that is released already stays so. */
  public Outcome<Hold> release(UUID id) {
    return transactions.run(() -> {
      writer.end(List.of(id), Hold.Status.RELEASED);
      Hold hold = table.read(List.of(id)).getFirst();
      return hold.status() == Hold.Status.RELEASED
          ? new Outcome.Done<>(hold)
          : Outcome.refused(LedgerProblem.holdNotOpen(hold));
    });
  }

  /** Whoever owns it. */
  public Optional<Hold> find(UUID id) {
    return table.read(List.of(id)).stream().filter(hold -> hold.expiresAt() != null).findFirst();
  }

  /**
   * Newest first.
   *
   * @param account only holds from or to this account
   * @param after only holds with a smaller id
   */
  public List<Hold> list(
      String owner, @Nullable UUID account, Hold.@Nullable Status status, UUID after, int limit) {
    return table.list(owner, account, status, after, limit);
  }

  @Scheduled(fixedDelay = 1000)
  @SchedulerLock(name = "hold-expiry", lockAtMostFor = "PT1M")
  public void expire() {
    boolean more = true;
    while (more) {
      List<UUID> due = table.due(EXPIRED_AT_ONCE);
      transactions.run(() -> writer.end(due, Hold.Status.EXPIRED));
      more = due.size() == EXPIRED_AT_ONCE;
    }
  }
}
