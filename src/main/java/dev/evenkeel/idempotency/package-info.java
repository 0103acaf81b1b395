/**
 * Shared: one idempotency key, one outcome. Keys, fingerprints, replays, and the requests that are
 * in flight.
 */
@NullMarked
package dev.evenkeel.idempotency;

import org.jspecify.annotations.NullMarked;
