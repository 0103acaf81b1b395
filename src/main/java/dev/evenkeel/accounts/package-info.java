/**
 * The ledger: accounts, transfers and entries, in double entry. Consistency comes first: a true
 * answer or none.
 */
@ApplicationModule(
    displayName = "Accounts",
    allowedDependencies = {})
@NullMarked
package dev.evenkeel.accounts;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
