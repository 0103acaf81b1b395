/** Measures how fast the ledger is, beside pgbench on the same PostgreSQL: docs/performance.md. */
@NullMarked
package dev.benchmark;

import org.jspecify.annotations.NullMarked;
