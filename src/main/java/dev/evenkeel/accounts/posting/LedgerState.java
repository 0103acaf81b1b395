package dev.evenkeel.accounts.posting;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.Hold;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.accounts.TransferId;
import java.time.Instant;
import java.util.Map;

/**
 * The part of the ledger that a batch of requests touches, read while its accounts are locked.
 *
 * @param accounts the customer accounts that the requests may use; to the rules, no other exists
 * @param changedAt the time of each account's latest entry or hold; absent if there is none
 * @param holds the holds to capture
 * @param originals the transfers to reverse
 * @param systemFunds the funds of each limited system account that a request debits
 * @param clock the time by the database's clock, read after the locks
 */
record LedgerState(
    Map<AccountId, Account> accounts,
    Map<AccountId, Instant> changedAt,
    Map<TransferId, Hold> holds,
    Map<TransferId, Transfer> originals,
    Map<AccountId, Long> systemFunds,
    Instant clock) {

  /**
   * Returns the earliest time of an account's next entry or hold: the clock, but never before the
   * latest one. The clock may have been ahead when that was made.
   */
  Instant earliest(AccountId account) {
    Instant changed = changedAt.getOrDefault(account, clock);
    return changed.isAfter(clock) ? changed : clock;
  }
}
