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
 * What this instance is doing under keys: who gave up waiting behind its like must not say "no
 * effect".
 */
@Component
public class InFlightRequests {

  /** By how many requests each is used. */
  private final Map<Object, Integer> keys = new ConcurrentHashMap<>();

  /**
   * @param key with its scope: equal for what may have the effect of each other
   * @throws ConcurrentRequestException if nothing came of the work while another request with the
   *     key was in progress
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
