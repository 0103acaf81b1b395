package dev.evenkeel.accounts;

import com.fasterxml.uuid.Generators;
import dev.evenkeel.platform.Outcome;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * The one write path of the ledger, the same for a single posting inside a payment's transaction
 * and for a batch. Every decision is made on locked rows that are read after the lock; hence READ
 * COMMITTED suffices.
 */
@Component
class PostingWriter {

  private final PostingTables tables;
  private final TransferReader reader;

  PostingWriter(PostingTables tables, TransferReader reader) {
    this.tables = tables;
    this.reader = reader;
  }

  /**
   * Runs in the caller's transaction.
   *
   * @param postings no two with the same key: the later one belongs into the next batch
   * @return an outcome for each, in their order
   */
  List<Outcome<Transfer>> write(List<Posting> postings) {
    requireDistinctKeys(postings);
    Map<UUID, Account> locked = tables.lock(usableAccounts(postings));

    // In a new statement, after the lock: whoever held it before may have used one of the keys.
    PostingTables.Earlier earlier = tables.lookUp(postings, locked.keySet());

    List<Posting> fresh =
        postings.stream().filter(posting -> !earlier.rows().containsKey(posting.key())).toList();

    Map<Posting.Key, Outcome<Transfer>> outcomes = new HashMap<>(replays(postings, earlier));
    for (PostingRules.Decision decision : PostingRules.decide(fresh, locked)) {
      outcomes.put(decision.posting().key(), outcome(decision, earlier.now()));
    }
    tables.append(fresh, outcomes, earlier.now());
    return postings.stream().map(posting -> outcomes.get(posting.key())).toList();
  }

  private static void requireDistinctKeys(List<Posting> postings) {
    if (postings.stream().map(Posting::key).distinct().count() < postings.size()) {
      throw new IllegalArgumentException("two postings with the same key in one batch");
    }
  }

  /** Looked up without locks: nobody makes the ledger lock an account that is not for them. */
  private Set<UUID> usableAccounts(List<Posting> postings) {
    Map<UUID, Account> existing =
        tables.read(
            postings.stream()
                .flatMap(posting -> Stream.of(posting.from(), posting.to()))
                .collect(Collectors.toSet()));
    return postings.stream()
        .filter(posting -> mayUse(posting, existing))
        .flatMap(posting -> Stream.of(posting.from(), posting.to()))
        .filter(existing::containsKey)
        .collect(Collectors.toSet());
  }

  private static boolean mayUse(Posting posting, Map<UUID, Account> existing) {
    if (posting.payment() != null) {
      return true;
    }
    Account from = existing.get(posting.from());
    return from != null && from.owner().equals(posting.key().owner());
  }

  private Map<Posting.Key, Outcome<Transfer>> replays(
      List<Posting> postings, PostingTables.Earlier earlier) {
    List<UUID> posted =
        earlier.rows().values().stream()
            .filter(row -> row.problem() == null)
            .map(PostingTables.Row::id)
            .toList();
    Map<UUID, Transfer> transfers =
        reader.read(posted).stream().collect(Collectors.toMap(Transfer::id, Function.identity()));
    Map<Posting.Key, Outcome<Transfer>> replays = new HashMap<>();
    for (Posting posting : postings) {
      PostingTables.Row row = earlier.rows().get(posting.key());
      if (row != null) {
        replays.put(posting.key(), replay(posting, row, transfers.get(row.id())));
      }
    }
    return replays;
  }

  private static Outcome<Transfer> replay(
      Posting posting, PostingTables.Row row, @Nullable Transfer transfer) {
    if (!row.fingerprint().equals(posting.fingerprint())) {
      return Outcome.keyReused();
    }
    return transfer == null
        ? new Outcome.Refused<>(row.requireProblem(), true)
        : new Outcome.Replayed<>(transfer);
  }

  private static Outcome<Transfer> outcome(PostingRules.Decision decision, Instant postedAt) {
    return switch (decision) {
      case PostingRules.Decision.Refuse(_, var problem) -> new Outcome.Refused<>(problem, false);
      case PostingRules.Decision.Post(var posting, var legs) ->
          new Outcome.Done<>(
              new Transfer(
                  Generators.timeBasedEpochGenerator().generate(),
                  posting.key().owner(),
                  legs.getFirst().account(),
                  legs.getLast().account(),
                  posting.money().minorUnits(),
                  posting.money().currencyCode(),
                  posting.description(),
                  posting.reference(),
                  posting.metadata(),
                  posting.payment(),
                  postedAt,
                  legs));
    };
  }
}
