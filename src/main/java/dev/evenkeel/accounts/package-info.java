/**
 * The ledger: accounts, transfers, holds and entries, in double-entry bookkeeping. Consistency
 * comes before availability.
 */
@ApplicationModule(
    displayName = "Accounts",
    allowedDependencies = {})
@NullMarked
package dev.evenkeel.accounts;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
