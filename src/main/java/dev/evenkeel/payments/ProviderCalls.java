package dev.evenkeel.payments;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The calls of the provider for a payment.
 *
 * @param attempts how many began, counted before the first byte is sent
 * @param attemptedAt when each of the first twenty began
 * @param sends how many of them may have sent the request; the others only queried
 * @param firstSentAt from when on the provider may know the request; null if it cannot
 * @param claimedUntil when the claim of the attempt in progress ends, if there is one
 * @param nextAttemptAt null if the provider need not be called again
 */
public record ProviderCalls(
    int attempts,
    List<Instant> attemptedAt,
    int sends,
    @Nullable Instant firstSentAt,
    @Nullable Instant claimedUntil,
    @Nullable Instant nextAttemptAt) {

  /** Whether an attempt is in progress. If its process has died, the claim ends by itself. */
  public boolean isUnderWay(Instant now) {
    return claimedUntil != null && claimedUntil.isAfter(now);
  }
}
