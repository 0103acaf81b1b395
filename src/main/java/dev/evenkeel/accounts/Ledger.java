package dev.evenkeel.accounts;

import dev.evenkeel.accounts.posting.PostingWriter;
import dev.evenkeel.idempotency.Outcome;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** The ledger for other modules: posts money in the transaction of the use case that moves it. */
@Component
public class Ledger {

  private final PostingWriter writer;
  private final JdbcClient jdbc;

  Ledger(PostingWriter writer, JdbcClient jdbc) {
    this.writer = writer;
    this.jdbc = jdbc;
  }

  /**
   * Posts in the caller's transaction, which must exist and must not have locked an account yet: a
   * use case locks its own row first and then calls this method once, with all its requests. A
   * refusal is returned, so that the caller can store it in the same transaction. An exception
   * rolls back the transaction; the whole use case has to run again.
   *
   * @return the outcomes in the order of the requests
   * @throws dev.evenkeel.database.ConcurrentRequestException if another request took one of the
   *     keys at the same time
   */
  @Transactional(propagation = Propagation.MANDATORY)
  public List<Outcome<LedgerRecord>> post(List<PostingRequest> requests) {
    return writer.write(requests, PostingWriter.Mode.WAIT).inOrderOf(requests);
  }

  /** Releases a payment's hold in the caller's transaction, which must exist. */
  @Transactional(propagation = Propagation.MANDATORY)
  public void release(TransferId hold) {
    writer.endHolds(List.of(hold), Hold.Status.RELEASED);
  }

  /** Returns how much was posted under each of these settlement keys, in minor units. */
  public SequencedMap<String, Long> settlements(Collection<String> keys) {
    return settlements("idempotency_key = any(?)", keys.toArray(String[]::new), keys.size());
  }

  /** Returns a page of all settlement keys in their order, with the amounts posted. */
  public SequencedMap<String, Long> settlementsAfter(String key, int limit) {
    return settlements("idempotency_key > ?", key, limit);
  }

  private SequencedMap<String, Long> settlements(String condition, Object keys, int limit) {
    SequencedMap<String, Long> amounts = new LinkedHashMap<>();
    jdbc.sql(
            """
            select idempotency_key, amount from accounts.transfer
            where operation = 'payment' and %s
            order by idempotency_key limit ?
            """
                .formatted(condition))
        .param(keys)
        .param(limit)
        .query(row -> {
          amounts.merge(row.getString("idempotency_key"), row.getLong("amount"), Long::sum);
        });
    return amounts;
  }
}
