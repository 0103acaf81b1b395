/** Compares payments with the provider's report and with the ledger. */
@NullMarked
package dev.evenkeel.payments.reconciliation;

import org.jspecify.annotations.NullMarked;
