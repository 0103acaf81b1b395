package dev.evenkeel.accounts.posting;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.Hold;
import dev.evenkeel.accounts.LedgerRecord;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.PostingRequest.Key;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.accounts.TransferId;
import dev.evenkeel.accounts.posting.PostingRepository.PriorOutcomes;
import dev.evenkeel.accounts.posting.PostingRepository.StoredOutcome;
import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Writes postings in the caller's transaction. This is the only write path of the ledger, for a
 * single posting inside a payment's transaction as well as for a batch.
 *
 * <p>READ COMMITTED isolation suffices, because every decision is made on rows that are locked
 * first and read after the lock.
 */
@Component
public class PostingWriter {

  /** The treatment of locked accounts and of refusals. */
  public enum Mode {
    /** Waits for locked accounts. */
    WAIT,
    /** Skips requests that need an account which another transaction has locked. */
    SKIP_LOCKED,
    /** Waits for locked accounts, and writes nothing at all if a single request is refused. */
    ALL_OR_NOTHING
  }

  /**
   * The result of a batch.
   *
   * @param outcomes the outcomes of all requests that were not skipped
   * @param skipped the locked account that each skipped request needs
   */
  public record BatchResult(Map<Key, Outcome<LedgerRecord>> outcomes, Map<Key, AccountId> skipped) {

    public List<Outcome<LedgerRecord>> inOrderOf(List<PostingRequest> requests) {
      return requests.stream().map(request -> known(outcomes, request.key())).toList();
    }
  }

  private final PostingRepository postings;
  private final AccountRepository accounts;
  private final TransferRepository transfers;
  private final HoldRepository holds;
  private final LedgerEvents events;

  PostingWriter(
      PostingRepository postings,
      AccountRepository accounts,
      TransferRepository transfers,
      HoldRepository holds,
      LedgerEvents events) {
    this.postings = postings;
    this.accounts = accounts;
    this.transfers = transfers;
    this.holds = holds;
    this.events = events;
  }

  /**
   * @param requests no two with the same key; a duplicate belongs in a later batch
   */
  public BatchResult write(List<PostingRequest> requests, Mode mode) {
    if (requests.stream().map(PostingRequest::key).distinct().count() < requests.size()) {
      throw new IllegalArgumentException("two requests with the same key in one batch");
    }
    Map<Key, Set<AccountId>> needed = usableAccounts(requests);
    Set<AccountId> ids = all(needed);
    AccountRepository.Locked locked =
        mode == Mode.SKIP_LOCKED ? accounts.lockSkippingLocked(ids) : accounts.lock(ids);
    Map<Key, AccountId> skipped = skipped(needed, locked.accounts());
    List<PostingRequest> taken = without(skipped.keySet(), requests);
    // A new statement after the lock, because its previous holder may have used one of the keys.
    PriorOutcomes prior =
        postings.find(taken.stream().map(PostingRequest::key).toList(), locked.changedAt());
    Map<Key, Outcome<LedgerRecord>> outcomes = replays(taken, prior.byKey());
    List<PostingRequest> fresh = without(prior.byKey().keySet(), taken);
    LedgerState state =
        new LedgerState(
            locked.accounts(), holds(fresh), originals(fresh), systemFunds(fresh), prior.now());
    List<Decision> decisions = PostingRules.decide(fresh, state);
    if (mode != Mode.ALL_OR_NOTHING || decisions.stream().noneMatch(Decision::isRefused)) {
      postings.insert(decisions, List.of(), state.now());
      events.posted(decisions);
    }
    decisions.forEach(decision -> outcomes.put(decision.request().key(), decision.outcome()));
    return new BatchResult(outcomes, skipped);
  }

  private static Set<AccountId> all(Map<Key, Set<AccountId>> needed) {
    return needed.values().stream().flatMap(Set::stream).collect(Collectors.toSet());
  }

  private static List<PostingRequest> without(Set<Key> keys, List<PostingRequest> requests) {
    return requests.stream().filter(request -> !keys.contains(request.key())).toList();
  }

  /**
   * Every needed account exists, so one that is not locked here is locked by another transaction.
   */
  private static Map<Key, AccountId> skipped(
      Map<Key, Set<AccountId>> needed, Map<AccountId, Account> locked) {
    Map<Key, AccountId> skipped = new HashMap<>();
    needed.forEach((key, ids) ->
        ids.stream()
            .filter(id -> !locked.containsKey(id))
            .findFirst()
            .ifPresent(id -> skipped.put(key, id)));
    return skipped;
  }

  /**
   * Finds the accounts that each request needs and may use, without locking anything: no caller can
   * make the ledger lock an account that it may not use. The accounts of holds and of originals
   * never change.
   */
  private Map<Key, Set<AccountId>> usableAccounts(List<PostingRequest> requests) {
    Map<TransferId, Transfer> originals = originals(requests);
    Map<TransferId, Hold> captured = holds(requests);
    Map<AccountId, String> owners =
        accounts.owners(
            requests.stream()
                .filter(PostingRequest.Move.class::isInstance)
                .map(PostingRequest.Move.class::cast)
                .flatMap(move -> Stream.of(move.from(), move.to()))
                .collect(Collectors.toSet()));
    Map<Key, Set<AccountId>> usable = new HashMap<>();
    for (PostingRequest request : requests) {
      Set<AccountId> ids =
          switch (request) {
            case PostingRequest.Move move -> usable(owners, move);
            case PostingRequest.Reversal reversal ->
                known(originals, reversal.reversalOf()).customers();
            case PostingRequest.Capture capture -> {
              Hold hold = known(captured, capture.hold());
              yield Set.of(hold.from(), hold.to());
            }
            case PostingRequest.Settlement settlement -> Set.of(settlement.account());
            case PostingRequest.Repayment repayment -> Set.of(repayment.debtor());
            case PostingRequest.Adjustment adjustment ->
                customers(adjustment.from(), adjustment.to());
          };
      usable.put(request.key(), ids);
    }
    return usable;
  }

  private Set<AccountId> customers(AccountId... ids) {
    return accounts.owners(List.of(ids)).keySet();
  }

  private static Set<AccountId> usable(Map<AccountId, String> owners, PostingRequest.Move move) {
    return move.key().owner().equals(owners.get(move.from()))
        ? Stream.of(move.from(), move.to()).filter(owners::containsKey).collect(Collectors.toSet())
        : Set.of();
  }

  private Map<AccountId, Long> systemFunds(List<PostingRequest> requests) {
    return accounts.systemFunds(
        requests.stream()
            .map(PostingWriter::limitedSource)
            .filter(Objects::nonNull)
            .collect(Collectors.toSet()));
  }

  private static @Nullable AccountId limitedSource(PostingRequest request) {
    return switch (request) {
      case PostingRequest.Adjustment it
          when SystemAccount.limitedIn(it.money().currency()).contains(it.from()) ->
          it.from();
      case PostingRequest.Settlement it
          when it.kind() == PostingRequest.Settlement.Kind.HOLD_UNPLACED ->
          SystemAccount.SUSPENSE.in(it.money().currency());
      case PostingRequest _ -> null;
    };
  }

  private Map<TransferId, Transfer> originals(List<PostingRequest> requests) {
    return byId(transfers.find(ids(requests, PostingRequest::reversalOf)));
  }

  private Map<TransferId, Hold> holds(List<PostingRequest> requests) {
    return byId(holds.find(ids(requests, PostingRequest::hold)));
  }

  private static List<TransferId> ids(
      List<PostingRequest> requests, Function<PostingRequest, @Nullable TransferId> id) {
    return requests.stream().map(id).filter(Objects::nonNull).distinct().toList();
  }

  private static <T extends LedgerRecord> Map<TransferId, T> byId(Collection<T> found) {
    return found.stream().collect(Collectors.toMap(LedgerRecord::id, Function.identity()));
  }

  private static <K, V> V known(Map<K, V> values, K key) {
    return Objects.requireNonNull(values.get(key), key::toString);
  }

  private Map<Key, Outcome<LedgerRecord>> replays(
      List<PostingRequest> requests, Map<Key, StoredOutcome> prior) {
    Map<TransferId, LedgerRecord> made = made(prior.values());
    Map<Key, Outcome<LedgerRecord>> replays = new HashMap<>();
    for (PostingRequest request : requests) {
      StoredOutcome stored = prior.get(request.key());
      if (stored != null) {
        replays.put(request.key(), replay(request.fingerprint(), stored, made));
      }
    }
    return replays;
  }

  /** Finds the outcomes of earlier requests; an unused key is absent. */
  public Map<Key, Outcome<LedgerRecord>> findOutcomes(List<Key> keys) {
    Map<Key, StoredOutcome> prior = postings.find(keys, null).byKey();
    Map<TransferId, LedgerRecord> made = made(prior.values());
    Map<Key, Outcome<LedgerRecord>> outcomes = new HashMap<>();
    prior.forEach((key, stored) -> outcomes.put(key, replay(stored.fingerprint(), stored, made)));
    return outcomes;
  }

  private Map<TransferId, LedgerRecord> made(Collection<StoredOutcome> stored) {
    List<TransferId> ids = stored.stream().map(StoredOutcome::id).toList();
    Map<TransferId, LedgerRecord> made = new HashMap<>(byId(transfers.find(ids)));
    made.putAll(byId(holds.find(ids)));
    return made;
  }

  private static Outcome<LedgerRecord> replay(
      Fingerprint request, StoredOutcome stored, Map<TransferId, LedgerRecord> made) {
    return Outcome.replay(
        request, stored.fingerprint(), stored.problem(), () -> known(made, stored.id()));
  }

  /**
   * Waits for the lock of one account and holds it until the caller's transaction ends.
   *
   * @param timeout how long to wait, in place of the connection's lock timeout
   */
  void lock(AccountId account, Duration timeout) {
    accounts.limitLockWaits(timeout);
    accounts.lock(account);
    accounts.resetLockWaits();
  }

  /** Limits how long the current transaction waits for each lock. */
  public void limitLockWaits(Duration timeout) {
    accounts.limitLockWaits(timeout);
  }

  /** Tells whether another transaction has locked an account that the requests need. */
  public boolean needsLockedAccount(List<PostingRequest> requests) {
    Map<Key, Set<AccountId>> needed = usableAccounts(requests);
    return !skipped(needed, accounts.lockSkippingLocked(all(needed)).accounts()).isEmpty();
  }

  /**
   * Ends holds without a posting, except that freed money repays what its account owes.
   *
   * @return the ended holds, without those that had already ended
   */
  public List<Hold> endHolds(List<TransferId> ids, Hold.Status how) {
    Set<AccountId> from = holds.find(ids).stream().map(Hold::from).collect(Collectors.toSet());
    AccountRepository.Locked locked = accounts.lock(from);
    List<Hold> ended =
        holds.find(ids).stream()
            .filter(hold -> hold.status() == Hold.Status.HELD)
            .map(hold -> hold.ended(how, 0))
            .toList();
    Instant now = postings.find(List.of(), locked.changedAt()).now();
    LedgerState state = new LedgerState(locked.accounts(), Map.of(), Map.of(), Map.of(), now);
    postings.insert(PostingRules.repay(ended, state), ended, now);
    return ended;
  }
}
