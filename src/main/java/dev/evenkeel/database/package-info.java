/** Shared: transactions that retry, SQL states, ids, retention, and the pools of connections. */
@NullMarked
package dev.evenkeel.database;

import org.jspecify.annotations.NullMarked;
