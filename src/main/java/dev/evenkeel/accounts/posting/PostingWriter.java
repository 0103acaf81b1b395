package dev.evenkeel.accounts.posting;

import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.Hold;
import dev.evenkeel.accounts.LedgerRecord;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.PostingRequest.Key;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.accounts.TransferId;
import dev.evenkeel.accounts.posting.AccountRepository.Locked;
import dev.evenkeel.accounts.posting.PostingRepository.PriorOutcomes;
import dev.evenkeel.database.Pipeline;
import dev.evenkeel.idempotency.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
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
      return requests.stream()
          .map(request -> PostingReplays.known(outcomes, request.key()))
          .toList();
    }
  }

  private final PostingRepository postings;
  private final AccountRepository accounts;
  private final TransferRepository transfers;
  private final HoldRepository holds;
  private final PostingReplays replays;
  private final LedgerEvents events;

  public PostingWriter(
      PostingRepository postings,
      AccountRepository accounts,
      TransferRepository transfers,
      HoldRepository holds,
      PostingReplays replays,
      LedgerEvents events) {
    this.postings = postings;
    this.accounts = accounts;
    this.transfers = transfers;
    this.holds = holds;
    this.replays = replays;
    this.events = events;
  }

  /**
   * @param requests no two with the same key; a duplicate belongs in a later batch
   */
  public BatchResult write(List<PostingRequest> requests, Mode mode) {
    if (requests.stream().map(PostingRequest::key).distinct().count() < requests.size()) {
      throw new IllegalArgumentException("two requests with the same key in one batch");
    }
    Pipeline reads = new Pipeline();
    Lock lock = lock(reads, requests, mode == Mode.SKIP_LOCKED);
    // A new statement after the lock, because its previous holder may have used one of the keys.
    PriorOutcomes prior = postings.find(reads, requests.stream().map(PostingRequest::key).toList());
    postings.run(reads);
    Map<Key, AccountId> skipped = lock.skipped();
    List<PostingRequest> taken = without(skipped.keySet(), requests);
    Locked locked = lock.locked();
    Map<Key, Outcome<LedgerRecord>> outcomes = replays.of(taken, prior.byKey());
    List<PostingRequest> fresh = without(prior.byKey().keySet(), taken);
    LedgerState state =
        new LedgerState(
            locked.accounts(),
            locked.changedAt(),
            holds(fresh),
            originals(fresh),
            systemFunds(fresh),
            prior.clock().getFirst());
    List<Decision> decisions = PostingRules.decide(fresh, state);
    if (mode != Mode.ALL_OR_NOTHING || decisions.stream().noneMatch(Decision::isRefused)) {
      postings.insert(decisions, List.of(), state.clock());
      events.posted(decisions);
    }
    decisions.forEach(decision -> outcomes.put(decision.request().key(), decision.outcome()));
    return new BatchResult(outcomes, skipped);
  }

  private static List<PostingRequest> without(Set<Key> keys, List<PostingRequest> requests) {
    return requests.stream().filter(request -> !keys.contains(request.key())).toList();
  }

  /**
   * The lock of what requests need, as soon as the pipeline has run.
   *
   * @param named the accounts that each request names, whether they exist or not
   */
  private record Lock(Map<PostingRequest, Set<AccountId>> named, Locked locked) {

    /** Finds the requests that need an account which another transaction has locked. */
    Map<Key, AccountId> skipped() {
      Map<Key, AccountId> skipped = new HashMap<>();
      named.forEach((request, ids) ->
          usable(request, ids).stream()
              .filter(id -> !locked.accounts().containsKey(id))
              .findFirst()
              .ifPresent(id -> skipped.put(request.key(), id)));
      return skipped;
    }

    private Set<AccountId> usable(PostingRequest request, Set<AccountId> ids) {
      Map<AccountId, String> owners = locked.owners();
      return request instanceof PostingRequest.Move move
              && !move.key().owner().equals(owners.get(move.from()))
          ? Set.of()
          : ids.stream().filter(owners::containsKey).collect(Collectors.toSet());
    }
  }

  /** The accounts of holds and of originals never change, so they are found before the lock. */
  private Lock lock(Pipeline pipeline, List<PostingRequest> requests, boolean skipLocked) {
    Map<TransferId, Transfer> originals = originals(requests);
    Map<TransferId, Hold> captured = holds(requests);
    Map<PostingRequest, Set<AccountId>> named = new HashMap<>();
    List<PostingRequest.Move> moves = new ArrayList<>();
    Set<AccountId> others = new HashSet<>();
    for (PostingRequest request : requests) {
      Set<AccountId> ids =
          switch (request) {
            case PostingRequest.Move it -> accounts(it.from(), it.to());
            case PostingRequest.Reversal it ->
                PostingReplays.known(originals, it.reversalOf()).customers();
            case PostingRequest.Capture it -> {
              Hold hold = PostingReplays.known(captured, it.hold());
              yield accounts(hold.from(), hold.to());
            }
            case PostingRequest.Settlement it -> Set.of(it.account());
            case PostingRequest.Repayment it -> Set.of(it.debtor());
            case PostingRequest.Adjustment it -> accounts(it.from(), it.to());
            case PostingRequest.Deduction _ -> Set.of();
          };
      named.put(request, ids);
      if (request instanceof PostingRequest.Move move) {
        moves.add(move);
      } else {
        others.addAll(ids);
      }
    }
    return new Lock(named, AccountRepository.lock(pipeline, moves, others, skipLocked));
  }

  private static Set<AccountId> accounts(AccountId... ids) {
    return new HashSet<>(List.of(ids));
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
    return PostingReplays.byId(transfers.find(ids(requests, PostingRequest::reversalOf)));
  }

  private Map<TransferId, Hold> holds(List<PostingRequest> requests) {
    return PostingReplays.byId(holds.find(ids(requests, PostingRequest::hold)));
  }

  private static List<TransferId> ids(
      List<PostingRequest> requests, Function<PostingRequest, @Nullable TransferId> id) {
    return requests.stream().map(id).filter(Objects::nonNull).distinct().toList();
  }

  /**
   * Waits for the lock of one account and holds it until the caller's transaction ends.
   *
   * @param timeout how long to wait, in place of the connection's lock timeout
   */
  public void lock(AccountId account, Duration timeout) {
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
    Pipeline pipeline = new Pipeline();
    Lock lock = lock(pipeline, requests, true);
    postings.run(pipeline);
    return !lock.skipped().isEmpty();
  }

  /**
   * Ends holds without a posting, except that freed money repays what its account owes.
   *
   * @return the ended holds, without those that had already ended
   */
  public List<Hold> endHolds(List<TransferId> ids, Hold.Status how) {
    Set<AccountId> from = holds.find(ids).stream().map(Hold::from).collect(Collectors.toSet());
    Pipeline reads = new Pipeline();
    Locked locked = AccountRepository.lock(reads, List.of(), from, false);
    PriorOutcomes none = postings.find(reads, List.of());
    postings.run(reads);
    List<Hold> ended =
        holds.find(ids).stream()
            .filter(hold -> hold.status() == Hold.Status.HELD)
            .map(hold -> hold.ended(how, 0))
            .toList();
    LedgerState state =
        new LedgerState(
            locked.accounts(),
            locked.changedAt(),
            Map.of(),
            Map.of(),
            Map.of(),
            none.clock().getFirst());
    postings.insert(
        PostingRules.repay(ended, state),
        ended.stream()
            .map(hold -> new HoldRepository.Ended(hold, state.earliest(hold.from())))
            .toList(),
        state.clock());
    return ended;
  }
}
