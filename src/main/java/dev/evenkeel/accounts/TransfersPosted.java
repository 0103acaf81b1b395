package dev.evenkeel.accounts;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Transfers between customers' accounts were posted, at most 100. Payments' own postings are not
 * among them: the payment's event speaks for those.
 *
 * @param id makes two otherwise equal events two events
 * @param traceparent the trace of the request that caused it
 */
public record TransfersPosted(
    UUID id, List<Posted> transfers, Instant at, @Nullable String traceparent) {

  /**
   * @param amount minor units, positive
   * @param reversalOf the transfer that this one gives back
   */
  public record Posted(
      UUID transfer,
      Party from,
      Party to,
      long amount,
      String currency,
      @Nullable UUID reversalOf) {}

  /** One side of a transfer: an account, its owner and the name that the owner gave it. */
  public record Party(UUID account, String owner, String name) {}
}
