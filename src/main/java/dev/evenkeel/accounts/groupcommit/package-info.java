/** Group commit: requests to the ledger that arrive at the same time share a transaction. */
@NullMarked
package dev.evenkeel.accounts.groupcommit;

import org.jspecify.annotations.NullMarked;
