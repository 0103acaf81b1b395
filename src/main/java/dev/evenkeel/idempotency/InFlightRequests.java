package dev.evenkeel.idempotency;

import dev.evenkeel.database.ConcurrentRequestException;
import dev.evenkeel.database.SqlState;
import dev.evenkeel.problems.BusyException;
import dev.evenkeel.problems.OutcomeUnknownException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionException;

/**
 * The requests with idempotency keys that this instance is working on. A request that timed out
 * behind a duplicate must not report that nothing happened.
 */
@Component
public class InFlightRequests {

  /** The number of requests in flight, by key. */
  private final Map<Object, Integer> keys = new ConcurrentHashMap<>();

  /**
   * Runs the work of a request.
   *
   * @param key the idempotency key with its scope
   * @throws ConcurrentRequestException if the work had no effect, but another request with the key
   *     is or was in flight on this instance
   * @throws OutcomeUnknownException if the work waited for a lock in vain, or lost too many races:
   *     a request with the key may be in flight on another instance
   */
  public <T> T run(Object key, Supplier<T> work) {
    boolean first = keys.merge(key, 1, Integer::sum) == 1;
    try {
      return work.get();
    } catch (BusyException | DataAccessException | TransactionException failure) {
      boolean rolledBack = SqlState.of(failure) != SqlState.OTHER;
      boolean nothingHappened =
          rolledBack
              || failure instanceof BusyException
              || failure instanceof CannotCreateTransactionException
              || failure instanceof CannotGetJdbcConnectionException;
      if (nothingHappened && (!first || keys.getOrDefault(key, 1) > 1)) {
        throw new ConcurrentRequestException("the same key is in progress");
      }
      if (rolledBack) {
        throw new OutcomeUnknownException("rolled back beside other requests", failure);
      }
      throw failure;
    } finally {
      keys.computeIfPresent(key, (_, users) -> users == 1 ? null : users - 1);
    }
  }
}
