package dev.evenkeel.accounts;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Event: transfers between customer accounts were posted, at most 100. Postings of payments are not
 * included; payments publish events of their own.
 *
 * @param id distinguishes otherwise equal events
 * @param traceparent the trace of the request that caused it
 */
public record TransfersPosted(
    UUID id, List<Posted> transfers, Instant at, @Nullable String traceparent) {

  /**
   * @param amount minor units, positive
   * @param reversalOf the transfer that this one reverses
   */
  public record Posted(
      TransferId transfer,
      Party from,
      Party to,
      long amount,
      String currency,
      @Nullable TransferId reversalOf) {}

  /** One side of a transfer: an account, its owner and its name. */
  public record Party(AccountId account, String owner, String name) {}
}
