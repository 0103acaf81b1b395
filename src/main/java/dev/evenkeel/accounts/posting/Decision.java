package dev.evenkeel.accounts.posting;

import dev.evenkeel.accounts.Hold;
import dev.evenkeel.accounts.LedgerRecord;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.problems.Problem;
import java.time.Instant;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The rules' decision about a request.
 *
 * @param outcome {@code Done} with a new transfer or hold, or {@code Refused}
 * @param captured the hold that ends with the new transfer
 */
record Decision(PostingRequest request, Outcome<LedgerRecord> outcome, @Nullable Hold captured) {

  boolean isRefused() {
    return problem() != null;
  }

  @Nullable Problem problem() {
    return outcome instanceof Outcome.Refused<LedgerRecord>(Problem problem, _) ? problem : null;
  }

  @Nullable LedgerRecord made() {
    return outcome instanceof Outcome.Done<LedgerRecord>(LedgerRecord made) ? made : null;
  }

  /** Reads a property of the new transfer or hold; null for a refusal. */
  <T> @Nullable T made(Function<? super LedgerRecord, ? extends @Nullable T> property) {
    LedgerRecord made = made();
    return made == null ? null : property.apply(made);
  }

  /** Returns the time of the new transfer or hold; null for a refusal. */
  @Nullable Instant time() {
    return made(made ->
        switch (made) {
          case Transfer transfer -> transfer.postedAt();
          case Hold hold -> hold.createdAt();
        });
  }

  /** Tells whether the outcome is stored under the key. */
  boolean isStored() {
    Problem problem = problem();
    return problem == null
        || problem.type().isKept()
        || request.key().operation() == PostingRequest.Operation.BATCH;
  }
}
