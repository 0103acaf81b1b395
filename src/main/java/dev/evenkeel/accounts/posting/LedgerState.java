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
 * @param holds the holds to capture
 * @param originals the transfers to reverse
 * @param systemFunds what those of the ledger's own accounts can give that a request takes from and
 *     that have a limit
 * @param now the time of the new postings: the database's clock, but never before the latest change
 *     of a locked account
 */
record LedgerState(
    Map<AccountId, Account> accounts,
    Map<TransferId, Hold> holds,
    Map<TransferId, Transfer> originals,
    Map<AccountId, Long> systemFunds,
    Instant now) {}
