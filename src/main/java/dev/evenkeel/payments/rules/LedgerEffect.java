package dev.evenkeel.payments.rules;

import dev.evenkeel.accounts.PostingRequest.Settlement;

/** The effect of a new status on the ledger, in the same transaction. */
public sealed interface LedgerEffect {

  record Settle(Settlement.Kind kind) implements LedgerEffect {}

  record ReleaseHold() implements LedgerEffect {}

  record None() implements LedgerEffect {}
}
