package dev.evenkeel.accounts;

import dev.evenkeel.idempotency.Outcome;
import java.util.Currency;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The ledger for other modules: posts money in the transaction of the use case that moves it. A
 * simulation of payments replaces it.
 */
public interface Books {

  /** Finds an account by id, whoever owns it. */
  Optional<Account> account(AccountId id);

  /**
   * Finds an account and keeps its status until the caller's transaction ends, so that work which
   * the caller accepts for an open account finds it open. Does not wait for postings, nor they for
   * it.
   */
  Optional<Account> accountKeepingStatus(AccountId id);

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
  List<Outcome<LedgerRecord>> post(List<PostingRequest> requests);

  /** Releases a payment's hold in the caller's transaction, which must exist. */
  void release(TransferId hold);

  /**
   * Returns how much of a payment's money is in suspense, less what its refunds hold there, in
   * minor units.
   */
  long unplaced(UUID payment, Currency currency);
}
