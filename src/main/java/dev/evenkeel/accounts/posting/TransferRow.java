package dev.evenkeel.accounts.posting;

import dev.evenkeel.accounts.LedgerRecord;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.PostingRequest.Key;
import dev.evenkeel.database.Ids;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.problems.Problem;
import java.util.Comparator;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What is written down of a posting under its key.
 *
 * @param posted what it made; null where it was refused, with this problem
 */
record TransferRow(
    PostingRequest posting, UUID id, @Nullable LedgerRecord posted, @Nullable Problem problem) {

  /** Two batches that share keys in opposite order would deadlock. */
  static final Comparator<TransferRow> BY_KEY =
      Comparator.comparing(
          row -> row.posting().key(),
          Comparator.comparing(Key::owner).thenComparing(Key::operation).thenComparing(Key::value));

  static TransferRow of(PostingRequest posting, Outcome<LedgerRecord> outcome) {
    return switch (outcome) {
      case Outcome.Done<LedgerRecord>(LedgerRecord posted) ->
          new TransferRow(posting, posted.id(), posted, null);
      case Outcome.Refused<LedgerRecord>(Problem problem, _) ->
          new TransferRow(posting, Ids.next(), null, problem);
      case Outcome.Replayed<LedgerRecord> _ -> throw new IllegalStateException("nothing to write");
    };
  }

  boolean isKept() {
    return problem == null
        || problem.type().isKept()
        || posting.key().operation() == PostingRequest.Operation.BATCH;
  }
}
