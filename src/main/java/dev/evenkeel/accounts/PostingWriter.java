package dev.evenkeel.accounts;

import dev.evenkeel.accounts.Posting.Key;
import dev.evenkeel.database.Ids;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.problems.Problem;
import java.time.Instant;
import java.util.ArrayList;
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
  private final TransferReader reader;
  private final HoldTable holds;
  private final Announcements announcements;

  PostingWriter(
      PostingTables tables, TransferReader reader, HoldTable holds, Announcements announcements) {
    this.tables = tables;
    this.reader = reader;
    this.holds = holds;
    this.announcements = announcements;
  }

  /**
   * What became of a batch.
   *
   * @param passedOver postings that somebody else's lock kept from being decided, and the account
   */
  record Written(Map<Key, Outcome<Posted>> outcomes, Map<Key, UUID> passedOver) {

    List<Outcome<Posted>> inOrder(List<? extends Posting> postings) {
      return postings.stream().map(posting -> known(outcomes, posting.key())).toList();
    }
  }

  /**
   * Runs in the caller's transaction, as the two below.
   *
   * @param postings no two with the same key: the later one belongs into the next batch
   * @return an outcome for each, in their order
   */
  List<Outcome<Posted>> write(List<? extends Posting> postings) {
    return write(postings, tables::lock, false).inOrder(postings);
  }

  /** As {@link #write}, but nothing at all is written, no refusal either, if one is refused. */
  List<Outcome<Posted>> writeAllOrNothing(List<? extends Posting> postings) {
    return write(postings, tables::lock, true).inOrder(postings);
  }

  /** As {@link #write}, of postings that have nothing to do with each other. */
  Written writeBatch(List<Posting> postings) {
    return write(postings, tables::lock, false);
  }

  /**
   * As {@link #writeBatch}, but what needs an account that somebody else has locked is passed over.
   *
   * @param awaited an account to wait for, if there is one. No other is locked meanwhile: whoever
   *     needs the other accounts of these postings does not wait for this one.
   */
  Written writeFree(List<Posting> postings, @Nullable UUID awaited) {
    if (awaited != null) {
      tables.lock(Set.of(awaited));
    }
    return write(postings, tables::lockFree, false);
  }

  private Written write(
      List<? extends Posting> asked,
      Function<Collection<UUID>, PostingTables.Locked> lock,
      boolean allOrNothing) {
    if (asked.stream().map(Posting::key).distinct().count() < asked.size()) {
      throw new IllegalArgumentException("two postings with the same key in one batch");
    }
    Map<Key, Set<UUID>> needed = usableAccounts(asked);
    Set<UUID> all = needed.values().stream().flatMap(Set::stream).collect(Collectors.toSet());
    PostingTables.Locked locked = lock.apply(all);
    Map<Key, UUID> passedOver = passedOver(needed, locked.accounts().keySet());
    List<Posting> postings = new ArrayList<>(asked);
    postings.removeIf(posting -> passedOver.containsKey(posting.key()));
    // In a new statement, after the lock: whoever held it before may have used one of the keys.
    PostingTables.Earlier earlier =
        tables.lookUp(postings.stream().map(Posting::key).toList(), locked.changedAt());
    List<Posting> fresh =
        postings.stream().filter(posting -> !earlier.rows().containsKey(posting.key())).toList();
    Map<Key, Outcome<Posted>> outcomes = replays(postings, earlier.rows());
    Books books = new Books(locked.accounts(), holds(fresh), originals(fresh), earlier.now());
    List<Decision> decisions = PostingRules.decide(fresh, books);
    decisions.forEach(
        decision -> outcomes.put(decision.posting().key(), outcome(decision, books.now())));
    boolean refused = decisions.stream().anyMatch(Decision.Refuse.class::isInstance);
    if (!allOrNothing || !refused) {
      tables.append(decisions, outcomes, books.now());
      announcements.posted(fresh.stream().map(posting -> known(outcomes, posting.key())).toList());
    }
    return new Written(outcomes, passedOver);
  }

  /** All of them exist, so what is not locked by us is locked by somebody else. */
  private static Map<Key, UUID> passedOver(Map<Key, Set<UUID>> needed, Set<UUID> locked) {
    Map<Key, UUID> passedOver = new HashMap<>();
    needed.forEach((key, accounts) ->
        accounts.stream()
            .filter(account -> !locked.contains(account))
            .findFirst()
            .ifPresent(account -> passedOver.put(key, account)));
    return passedOver;
  }

  /**
   * Looked up without locks: nobody makes the ledger lock an account that is not for them. Of what
   * is reversed or captured, the accounts never change.
   */
  private Map<Key, Set<UUID>> usableAccounts(List<? extends Posting> postings) {
    Map<UUID, Transfer> originals = originals(postings);
    Map<UUID, Hold> captured = holds(postings);
    Map<UUID, String> owners =
        tables.owners(
            postings.stream()
                .filter(Posting.Move.class::isInstance)
                .map(Posting.Move.class::cast)
                .flatMap(move -> Stream.of(move.from(), move.to()))
                .collect(Collectors.toSet()));
    Map<Key, Set<UUID>> usable = new HashMap<>();
    for (Posting posting : postings) {
      Set<UUID> accounts =
          switch (posting) {
            case Posting.Move move -> usable(owners, move);
            case Posting.Reversal reversal -> known(originals, reversal.reversalOf()).customers();
            case Posting.Capture capture -> {
              Hold hold = known(captured, capture.hold());
              yield Set.of(hold.from(), hold.to());
            }
            case Posting.Settlement settlement -> Set.of(settlement.account());
          };
      usable.put(posting.key(), accounts);
    }
    return usable;
  }

  private static Set<UUID> usable(Map<UUID, String> owners, Posting.Move move) {
    return move.key().owner().equals(owners.get(move.from()))
        ? Stream.of(move.from(), move.to()).filter(owners::containsKey).collect(Collectors.toSet())
        : Set.of();
  }

  private Map<UUID, Transfer> originals(List<? extends Posting> postings) {
    return byId(reader.read(ids(postings, Posting::reversalOf)));
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

  private Map<Key, Outcome<Posted>> replays(
      List<Posting> postings, Map<Key, PostingTables.Row> earlier) {
    Map<Key, Outcome<Posted>> replays = outcomes(earlier);
    for (Posting posting : postings) {
      PostingTables.Row row = earlier.get(posting.key());
      if (row != null && !row.fingerprint().equals(posting.fingerprint())) {
        replays.put(posting.key(), Outcome.keyReused());
      }
    }
    return replays;
  }

  /** What became, earlier, of what was asked for under these keys; of others nothing is said. */
  Map<Key, Outcome<Posted>> outcomes(List<Key> keys) {
    return outcomes(tables.lookUp(keys, null).rows());
  }

  private Map<Key, Outcome<Posted>> outcomes(Map<Key, PostingTables.Row> rows) {
    List<UUID> ids = rows.values().stream().map(PostingTables.Row::id).toList();
    Map<UUID, Posted> made = new HashMap<>(byId(reader.read(ids)));
    made.putAll(byId(holds.read(ids)));
    Map<Key, Outcome<Posted>> outcomes = new HashMap<>();
    rows.forEach((key, row) ->
        outcomes.put(
            key,
            row.problem() == null
                ? new Outcome.Replayed<>(known(made, row.id()))
                : new Outcome.Refused<>(row.problem(), true)));
    return outcomes;
  }

  private static Outcome<Posted> outcome(Decision decision, Instant now) {
    return switch (decision) {
      case Decision.Refuse(_, Problem problem) -> Outcome.refused(problem);
      case Decision.Post post -> new Outcome.Done<>(transfer(post, now));
      case Decision.Place place -> new Outcome.Done<>(placed(place, now));
    };
  }

  private static Transfer transfer(Decision.Post decision, Instant now) {
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

  private static Hold placed(Decision.Place decision, Instant now) {
    Posting posting = decision.posting();
    return new Hold(
        Ids.next(),
        posting.key().owner(),
        decision.from(),
        decision.to(),
        decision.money().minorUnits(),
        0,
        decision.money().currencyCode(),
        posting.description(),
        Hold.Status.HELD,
        decision.lasts() == null ? null : now.plus(decision.lasts()),
        now);
  }

  /**
   * Ends holds without a posting, in the caller's transaction.
   *
   * @return those that were still held once their accounts were locked
   */
  List<Hold> end(List<UUID> ids, Hold.Status how) {
    Set<UUID> accounts = holds.read(ids).stream().map(Hold::from).collect(Collectors.toSet());
    Instant changedAt = tables.lock(accounts).changedAt();
    List<Hold> ended =
        holds.read(ids).stream()
            .filter(hold -> hold.status() == Hold.Status.HELD)
            .map(hold -> hold.ended(how, 0))
            .toList();
    tables.release(ended, tables.lookUp(List.of(), changedAt).now());
    return ended;
  }
}
