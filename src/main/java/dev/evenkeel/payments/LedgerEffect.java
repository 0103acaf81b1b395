package dev.evenkeel.payments;

import dev.evenkeel.accounts.PostingRequest.Settlement;

/** The effect of a new status on the ledger, in the same transaction. */
sealed interface LedgerEffect {

  record Settle(Settlement.Kind kind) implements LedgerEffect {}

  record ReleaseHold() implements LedgerEffect {}

  record None() implements LedgerEffect {}
}
