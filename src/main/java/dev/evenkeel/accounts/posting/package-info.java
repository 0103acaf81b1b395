/**
 * The write path of the ledger: the rules that decide on postings, the writer that applies them
 * under locks, and its SQL.
 */
@NullMarked
package dev.evenkeel.accounts.posting;

import org.jspecify.annotations.NullMarked;
