package dev.evenkeel.accounts;

import dev.evenkeel.platform.Ids;
import dev.evenkeel.platform.Outcome;
import dev.evenkeel.platform.Problem;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
  private final TransferReader transfers;
  private final HoldTable holds;

  PostingWriter(PostingTables tables, TransferReader transfers, HoldTable holds) {
    this.tables = tables;
    this.transfers = transfers;
    this.holds = holds;
  }

  /**
   * Runs in the caller's transaction.
   *
   * @param postings no two with the same key: the later one belongs into the next batch
   * @return an outcome for each, in their order
   */
  List<Outcome<Posted>> write(List<? extends Posting> postings) {
    return write(postings, false);
  }

  /** As {@link #write}, but nothing at all is written, no refusal either, if one is refused. */
  List<Outcome<Posted>> writeAllOrNothing(List<? extends Posting> postings) {
    return write(postings, true);
  }

  private List<Outcome<Posted>> write(List<? extends Posting> postings, boolean allOrNothing) {
    List<Posting.Key> keys = postings.stream().map(Posting::key).toList();
    if (Set.copyOf(keys).size() < keys.size()) {
      throw new IllegalArgumentException("two postings with the same key in one batch");
    }
    Map<UUID, Account> locked = tables.lock(usableAccounts(postings));
    // In a new statement, after the lock: whoever held it before may have used one of the keys.
    PostingTables.Earlier earlier = tables.lookUp(keys, locked.keySet());
    List<Posting> fresh =
        postings.stream()
            .<Posting>map(Function.identity())
            .filter(posting -> !earlier.rows().containsKey(posting.key()))
            .toList();
    Map<Posting.Key, Outcome<Posted>> outcomes = new HashMap<>(replays(postings, earlier));
    Books books = new Books(locked, holds(fresh), originals(fresh), earlier.now());
    List<PostingRules.Decision> decisions = PostingRules.decide(fresh, books);
    decisions.forEach(
        decision -> outcomes.put(decision.posting().key(), outcome(decision, books.now())));
    boolean refused = decisions.stream().anyMatch(PostingRules.Decision.Refuse.class::isInstance);
    if (!allOrNothing || !refused) {
      tables.append(decisions, outcomes, books.now());
    }
    return keys.stream().map(key -> known(outcomes, key)).toList();
  }

  /**
   * Looked up without locks: nobody makes the ledger lock an account that is not for them. Of what
   * is reversed or captured, the accounts never change.
   */
  private Set<UUID> usableAccounts(List<? extends Posting> postings) {
    Map<UUID, Transfer> originals = originals(postings);
    Map<UUID, Hold> captured = holds(postings);
    Map<UUID, Account> existing =
        tables.read(
            postings.stream()
                .flatMap(posting ->
                    switch (posting) {
                      case Posting.Transfer transfer -> Stream.of(transfer.from(), transfer.to());
                      case Posting.Hold hold -> Stream.of(hold.from(), hold.to());
                      default -> Stream.of();
                    })
                .collect(Collectors.toSet()));
    return postings.stream()
        .flatMap(posting ->
            switch (posting) {
              case Posting.Transfer transfer ->
                  usable(existing, transfer.key().owner(), transfer.from(), transfer.to());
              case Posting.Hold hold ->
                  usable(existing, hold.key().owner(), hold.from(), hold.to());
              case Posting.Reversal reversal -> {
                Transfer original = known(originals, reversal.reversalOf());
                yield Stream.of(original.from(), original.to());
              }
              case Posting.Capture capture -> {
                Hold hold = known(captured, capture.hold());
                yield Stream.of(hold.from(), hold.to());
              }
              case Posting.PayIn payIn -> Stream.of(payIn.to());
            })
        .collect(Collectors.toSet());
  }

  private static Stream<UUID> usable(
      Map<UUID, Account> existing, String asking, UUID from, UUID to) {
    Account sender = existing.get(from);
    return sender != null && sender.owner().equals(asking)
        ? Stream.of(from, to).filter(existing::containsKey)
        : Stream.of();
  }

  private Map<UUID, Transfer> originals(List<? extends Posting> postings) {
    return byId(transfers.read(ids(postings, Posting::reversalOf)));
  }

  private Map<UUID, Hold> holds(List<? extends Posting> postings) {
    return byId(holds.read(ids(postings, Posting::hold)));
  }

  private static List<UUID> ids(
      List<? extends Posting> postings, Function<Posting, @Nullable UUID> id) {
    return postings.stream().map(id).filter(Objects::nonNull).distinct().toList();
  }

  private static <T extends Posted> Map<UUID, T> byId(Collection<T> found) {
    return found.stream().collect(Collectors.toMap(Posted::id, Function.identity()));
  }

  private static <K, V> V known(Map<K, V> values, K key) {
    return Objects.requireNonNull(values.get(key), key::toString);
  }

  private Map<Posting.Key, Outcome<Posted>> replays(
      List<? extends Posting> postings, PostingTables.Earlier earlier) {
    if (earlier.rows().isEmpty()) {
      return Map.of();
    }
    List<UUID> ids = earlier.rows().values().stream().map(PostingTables.Row::id).toList();
    Map<UUID, Posted> made = new HashMap<>(byId(transfers.read(ids)));
    made.putAll(byId(holds.read(ids)));
    Map<Posting.Key, Outcome<Posted>> replays = new HashMap<>();
    for (Posting posting : postings) {
      PostingTables.Row row = earlier.rows().get(posting.key());
      if (row != null) {
        replays.put(posting.key(), replay(posting, row, made));
      }
    }
    return replays;
  }

  private static Outcome<Posted> replay(
      Posting posting, PostingTables.Row row, Map<UUID, Posted> made) {
    if (!row.fingerprint().equals(posting.fingerprint())) {
      return Outcome.keyReused();
    }
    Problem problem = row.problem();
    return problem == null
        ? new Outcome.Replayed<>(known(made, row.id()))
        : new Outcome.Refused<>(problem, true);
  }

  private static Outcome<Posted> outcome(PostingRules.Decision decision, Instant now) {
    return switch (decision) {
      case PostingRules.Decision.Refuse(_, Problem problem) -> Outcome.refused(problem);
      case PostingRules.Decision.Post post -> new Outcome.Done<>(transfer(post, now));
      case PostingRules.Decision.Place(Posting.Hold hold) -> new Outcome.Done<>(placed(hold, now));
    };
  }

  private static Transfer transfer(PostingRules.Decision.Post decision, Instant now) {
    Posting posting = decision.posting();
    Hold captured = decision.ended();
    return new Transfer(
        Ids.next(),
        posting.key().owner(),
        decision.legs().getFirst().account(),
        decision.legs().getLast().account(),
        decision.legs().getLast().amount(),
        decision.currency(),
        captured == null ? posting.description() : captured.description(),
        posting.reference(),
        posting.metadata(),
        posting.payment(),
        posting.reversalOf(),
        null,
        posting.hold(),
        now,
        decision.legs());
  }

  private static Hold placed(Posting.Hold posting, Instant now) {
    return new Hold(
        Ids.next(),
        posting.key().owner(),
        posting.from(),
        posting.to(),
        posting.money().minorUnits(),
        0,
        posting.money().currencyCode(),
        posting.description(),
        Hold.Status.HELD,
        now.plus(posting.lasts()),
        now);
  }
}
