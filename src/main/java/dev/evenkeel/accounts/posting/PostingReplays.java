package dev.evenkeel.accounts.posting;

import dev.evenkeel.accounts.LedgerRecord;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.PostingRequest.Key;
import dev.evenkeel.accounts.TransferId;
import dev.evenkeel.accounts.posting.PostingRepository.StoredOutcome;
import dev.evenkeel.database.Pipeline;
import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.Outcome;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** Finds the outcomes of earlier requests by their keys. */
@Component
public class PostingReplays {

  private final PostingRepository postings;
  private final TransferRepository transfers;
  private final HoldRepository holds;

  PostingReplays(PostingRepository postings, TransferRepository transfers, HoldRepository holds) {
    this.postings = postings;
    this.transfers = transfers;
    this.holds = holds;
  }

  /** Finds the stored outcomes of these requests; a request without one is absent. */
  Map<Key, Outcome<LedgerRecord>> of(List<PostingRequest> requests, Map<Key, StoredOutcome> prior) {
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
  public Map<Key, Outcome<LedgerRecord>> find(List<Key> keys) {
    Pipeline pipeline = new Pipeline();
    Map<Key, StoredOutcome> prior = postings.find(pipeline, keys).byKey();
    postings.run(pipeline);
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

  static <T extends LedgerRecord> Map<TransferId, T> byId(Collection<T> found) {
    return found.stream().collect(Collectors.toMap(LedgerRecord::id, Function.identity()));
  }

  static <K, V> V known(Map<K, V> values, K key) {
    return Objects.requireNonNull(values.get(key), key::toString);
  }
}
