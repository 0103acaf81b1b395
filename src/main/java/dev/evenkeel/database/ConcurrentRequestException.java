package dev.evenkeel.database;

/**
 * Another request won a race, such as for the same idempotency key. The transaction is rolled back
 * and the whole use case runs again; see {@link RetryingTransactions}.
 */
public final class ConcurrentRequestException extends RuntimeException {

  public ConcurrentRequestException(String reason) {
    super(reason, null, false, false);
  }
}
