/**
 * The write path of the ledger: the rules that decide on postings, the writer that applies them
 * under locks, its SQL, and group commit.
 */
@NullMarked
package dev.evenkeel.accounts.posting;

import org.jspecify.annotations.NullMarked;
