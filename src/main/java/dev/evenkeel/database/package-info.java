/** Shared: transactions that retry, SQL states, ids, retention, and the connection budget. */
@NullMarked
package dev.evenkeel.database;

import org.jspecify.annotations.NullMarked;
