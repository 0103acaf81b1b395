package dev.evenkeel.accounts;

import dev.evenkeel.accounts.Posting.Key;
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
record TransferRow(Posting posting, UUID id, @Nullable Posted posted, @Nullable Problem problem) {

  /** Two batches that share keys in opposite order would deadlock. */
  static final Comparator<TransferRow> BY_KEY =
      Comparator.comparing(
          row -> row.posting().key(),
          Comparator.comparing(Key::owner).thenComparing(Key::operation).thenComparing(Key::value));

  static TransferRow of(Posting posting, Outcome<Posted> outcome) {
    return switch (outcome) {
      case Outcome.Done<Posted>(Posted posted) ->
          new TransferRow(posting, posted.id(), posted, null);
      case Outcome.Refused<Posted>(Problem problem, _) ->
          new TransferRow(posting, Ids.next(), null, problem);
      case Outcome.Replayed<Posted> _ -> throw new IllegalStateException("nothing to write");
    };
  }

  boolean isKept() {
    return problem == null
        || problem.type().isKept()
        || posting.key().operation() == Posting.Operation.BATCH;
  }
}
