package dev.evenkeel.idempotency;

import dev.evenkeel.database.ConcurrentRequestException;
import dev.evenkeel.database.SqlState;
import dev.evenkeel.problems.BusyException;
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
   * @throws ConcurrentRequestException if the work had no effect while another request with the key
   *     was in flight
   */
  public <T> T run(Object key, Supplier<T> work) {
    boolean alone = keys.merge(key, 1, Integer::sum) == 1;
    try {
      return work.get();
    } catch (BusyException | DataAccessException | TransactionException failure) {
      boolean nothingHappened =
          failure instanceof BusyException
              || failure instanceof CannotCreateTransactionException
              || failure instanceof CannotGetJdbcConnectionException
              || SqlState.of(failure) == SqlState.TIMED_OUT;
      if (!alone && nothingHappened) {
        throw new ConcurrentRequestException("the same key is in progress");
      }
      throw failure;
    } finally {
      keys.computeIfPresent(key, (_, users) -> users == 1 ? null : users - 1);
    }
  }
}
