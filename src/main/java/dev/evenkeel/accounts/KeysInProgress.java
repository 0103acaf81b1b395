package dev.evenkeel.accounts;

import dev.evenkeel.platform.BusyException;
import dev.evenkeel.platform.RetryingTransactions;
import dev.evenkeel.platform.SqlState;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionException;

/** What this instance is posting: who gave up waiting behind its like must not say "no effect". */
@Component
class KeysInProgress {

  /** By how many requests each is used. */
  private final Map<Posting.Key, Integer> keys = new ConcurrentHashMap<>();

  /**
   * @throws RetryingTransactions.OvertakenException if nothing came of the work while another
   *     request with the key was in progress
   */
  <T> T run(Posting.Key key, Supplier<T> work) {
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
        throw new RetryingTransactions.OvertakenException("the same key is in progress");
      }
      throw failure;
    } finally {
      keys.computeIfPresent(key, (_, users) -> users == 1 ? null : users - 1);
    }
  }
}
