package dev.evenkeel.accounts;

import dev.evenkeel.accounts.posting.PostingWriter;
import dev.evenkeel.idempotency.Outcome;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** The ledger as other modules use it: money moves in the same transaction as what made it move. */
@Component
public class Ledger {

  private final PostingWriter writer;
  private final JdbcClient jdbc;

  Ledger(PostingWriter writer, JdbcClient jdbc) {
    this.writer = writer;
    this.jdbc = jdbc;
  }

  /**
   * Posts in the caller's transaction and demands one, which has locked no account before: a use
   * case locks its own row first and calls this once, with all its postings. A refusal is returned,
   * so that it can be kept; what is thrown rolls back and is to be run again as a whole.
   *
   * @return an outcome for each posting, in their order
   * @throws dev.evenkeel.database.ConcurrentRequestException if somebody else took one of the keys
   *     meanwhile
   */
  @Transactional(propagation = Propagation.MANDATORY)
  public List<Outcome<LedgerRecord>> post(List<PostingRequest> postings) {
    return writer.write(postings);
  }

  /** Ends a payment's hold without a posting, in the caller's transaction as above. */
  @Transactional(propagation = Propagation.MANDATORY)
  public void release(UUID hold) {
    writer.end(List.of(hold), Hold.Status.RELEASED);
  }

  /** How much was posted under these keys of settlements, in minor units. */
  public SequencedMap<String, Long> settlements(Collection<String> keys) {
    return settlements("idempotency_key = any(?)", keys.toArray(String[]::new), keys.size());
  }

  /** The same for all settlements, page by page, in an order of their keys. */
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
