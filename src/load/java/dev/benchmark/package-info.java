/**
 * How fast the ledger is, side by side with pgbench on the same PostgreSQL: docs/performance.md.
 */
@NullMarked
package dev.benchmark;

import org.jspecify.annotations.NullMarked;
