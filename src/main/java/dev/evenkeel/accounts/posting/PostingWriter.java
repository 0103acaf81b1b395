package dev.evenkeel.accounts.posting;

import dev.evenkeel.accounts.Hold;
import dev.evenkeel.accounts.LedgerRecord;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.PostingRequest.Key;
import dev.evenkeel.accounts.Transfer;
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
public class PostingWriter {

  private final PostingRepository tables;
  private final TransferRepository reader;
  private final HoldRepository holds;
  private final LedgerEvents announcements;

  PostingWriter(
      PostingRepository tables,
      TransferRepository reader,
      HoldRepository holds,
      LedgerEvents announcements) {
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
  public record Written(Map<Key, Outcome<LedgerRecord>> outcomes, Map<Key, UUID> passedOver) {

    List<Outcome<LedgerRecord>> inOrder(List<? extends PostingRequest> postings) {
      return postings.stream().map(posting -> known(outcomes, posting.key())).toList();
    }
  }

  /**
   * Runs in the caller's transaction, as the two below.
   *
   * @param postings no two with the same key: the later one belongs into the next batch
   * @return an outcome for each, in their order
   */
  public List<Outcome<LedgerRecord>> write(List<? extends PostingRequest> postings) {
    return write(postings, tables::lock, false).inOrder(postings);
  }

  /** As {@link #write}, but nothing at all is written, no refusal either, if one is refused. */
  public List<Outcome<LedgerRecord>> writeAllOrNothing(List<? extends PostingRequest> postings) {
    return write(postings, tables::lock, true).inOrder(postings);
  }

  /** As {@link #write}, of postings that have nothing to do with each other. */
  public Written writeBatch(List<PostingRequest> postings) {
    return write(postings, tables::lock, false);
  }

  /**
   * As {@link #writeBatch}, but what needs an account that somebody else has locked is passed over.
   *
   * @param awaited an account to wait for, if there is one. No other is locked meanwhile: whoever
   *     needs the other accounts of these postings does not wait for this one.
   */
  public Written writeFree(List<PostingRequest> postings, @Nullable UUID awaited) {
    if (awaited != null) {
      tables.lock(Set.of(awaited));
    }
    return write(postings, tables::lockFree, false);
  }

  private Written write(
      List<? extends PostingRequest> asked,
      Function<Collection<UUID>, PostingRepository.Locked> lock,
      boolean allOrNothing) {
    if (asked.stream().map(PostingRequest::key).distinct().count() < asked.size()) {
      throw new IllegalArgumentException("two postings with the same key in one batch");
    }
    Map<Key, Set<UUID>> needed = usableAccounts(asked);
    Set<UUID> all = needed.values().stream().flatMap(Set::stream).collect(Collectors.toSet());
    PostingRepository.Locked locked = lock.apply(all);
    Map<Key, UUID> passedOver = passedOver(needed, locked.accounts().keySet());
    List<PostingRequest> postings = new ArrayList<>(asked);
    postings.removeIf(posting -> passedOver.containsKey(posting.key()));
    // In a new statement, after the lock: whoever held it before may have used one of the keys.
    PostingRepository.Earlier earlier =
        tables.lookUp(postings.stream().map(PostingRequest::key).toList(), locked.changedAt());
    List<PostingRequest> fresh =
        postings.stream().filter(posting -> !earlier.rows().containsKey(posting.key())).toList();
    Map<Key, Outcome<LedgerRecord>> outcomes = replays(postings, earlier.rows());
    LedgerState books =
        new LedgerState(locked.accounts(), holds(fresh), originals(fresh), earlier.now());
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
  private Map<Key, Set<UUID>> usableAccounts(List<? extends PostingRequest> postings) {
    Map<UUID, Transfer> originals = originals(postings);
    Map<UUID, Hold> captured = holds(postings);
    Map<UUID, String> owners =
        tables.owners(
            postings.stream()
                .filter(PostingRequest.Move.class::isInstance)
                .map(PostingRequest.Move.class::cast)
                .flatMap(move -> Stream.of(move.from(), move.to()))
                .collect(Collectors.toSet()));
    Map<Key, Set<UUID>> usable = new HashMap<>();
    for (PostingRequest posting : postings) {
      Set<UUID> accounts =
          switch (posting) {
            case PostingRequest.Move move -> usable(owners, move);
            case PostingRequest.Reversal reversal ->
                known(originals, reversal.reversalOf()).customers();
            case PostingRequest.Capture capture -> {
              Hold hold = known(captured, capture.hold());
              yield Set.of(hold.from(), hold.to());
            }
            case PostingRequest.Settlement settlement -> Set.of(settlement.account());
          };
      usable.put(posting.key(), accounts);
    }
    return usable;
  }

  private static Set<UUID> usable(Map<UUID, String> owners, PostingRequest.Move move) {
    return move.key().owner().equals(owners.get(move.from()))
        ? Stream.of(move.from(), move.to()).filter(owners::containsKey).collect(Collectors.toSet())
        : Set.of();
  }

  private Map<UUID, Transfer> originals(List<? extends PostingRequest> postings) {
    return byId(reader.read(ids(postings, PostingRequest::reversalOf)));
  }

  private Map<UUID, Hold> holds(List<? extends PostingRequest> postings) {
    return byId(holds.read(ids(postings, PostingRequest::hold)));
  }

  private static List<UUID> ids(
      List<? extends PostingRequest> postings, Function<PostingRequest, @Nullable UUID> id) {
    return postings.stream().map(id).filter(Objects::nonNull).distinct().toList();
  }

  private static <T extends LedgerRecord> Map<UUID, T> byId(Collection<T> found) {
    return found.stream().collect(Collectors.toMap(LedgerRecord::id, Function.identity()));
  }

  private static <K, V> V known(Map<K, V> values, K key) {
    return Objects.requireNonNull(values.get(key), key::toString);
  }

  private Map<Key, Outcome<LedgerRecord>> replays(
      List<PostingRequest> postings, Map<Key, PostingRepository.Row> earlier) {
    Map<Key, Outcome<LedgerRecord>> replays = outcomes(earlier);
    for (PostingRequest posting : postings) {
      PostingRepository.Row row = earlier.get(posting.key());
      if (row != null && !row.fingerprint().equals(posting.fingerprint())) {
        replays.put(posting.key(), Outcome.keyReused());
      }
    }
    return replays;
  }

  /** What became, earlier, of what was asked for under these keys; of others nothing is said. */
  public Map<Key, Outcome<LedgerRecord>> outcomes(List<Key> keys) {
    return outcomes(tables.lookUp(keys, null).rows());
  }

  private Map<Key, Outcome<LedgerRecord>> outcomes(Map<Key, PostingRepository.Row> rows) {
    List<UUID> ids = rows.values().stream().map(PostingRepository.Row::id).toList();
    Map<UUID, LedgerRecord> made = new HashMap<>(byId(reader.read(ids)));
    made.putAll(byId(holds.read(ids)));
    Map<Key, Outcome<LedgerRecord>> outcomes = new HashMap<>();
    rows.forEach((key, row) ->
        outcomes.put(
            key,
            row.problem() == null
                ? new Outcome.Replayed<>(known(made, row.id()))
                : new Outcome.Refused<>(row.problem(), true)));
    return outcomes;
  }

  private static Outcome<LedgerRecord> outcome(Decision decision, Instant now) {
    return switch (decision) {
      case Decision.Refuse(_, Problem problem) -> Outcome.refused(problem);
      case Decision.Post post -> new Outcome.Done<>(transfer(post, now));
      case Decision.Place place -> new Outcome.Done<>(placed(place, now));
    };
  }

  private static Transfer transfer(Decision.Post decision, Instant now) {
    PostingRequest posting = decision.posting();
    Hold captured = decision.ended();
    return new Transfer(
        Ids.next(),
        posting.key().owner(),
        decision.entries().getFirst().account(),
        decision.entries().getLast().account(),
        decision.entries().getLast().amount(),
        decision.currency(),
        captured == null ? posting.description() : captured.description(),
        posting.reference(),
        posting.metadata(),
        posting.payment(),
        posting.reversalOf(),
        null,
        posting.hold(),
        now,
        decision.entries());
  }

  private static Hold placed(Decision.Place decision, Instant now) {
    PostingRequest posting = decision.posting();
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
  public List<Hold> end(List<UUID> ids, Hold.Status how) {
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
