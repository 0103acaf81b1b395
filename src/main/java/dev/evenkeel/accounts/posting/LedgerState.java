package dev.evenkeel.accounts.posting;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.Hold;
import dev.evenkeel.accounts.Transfer;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;

/**
 * What the rules decide on: read under the locks of the accounts.
 *
 * @param accounts the customers' accounts that the postings may use; one that is not among them
 *     does not exist
 * @param holds that are to be captured
 * @param originals transfers that are to be reversed
 * @param now the time of the postings: the database's clock, but not before the latest change of an
 *     account
 */
record LedgerState(
    Map<UUID, Account> accounts,
    Map<UUID, Hold> holds,
    Map<UUID, Transfer> originals,
    Instant now) {}
