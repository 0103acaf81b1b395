package dev.evenkeel.accounts;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A correction by operators, with money of one of the ledger's own accounts. One person proposes
 * it, another approves it.
 *
 * @param from an account's id, or the name of one of the ledger's own accounts
 * @param to likewise
 * @param amount minor units
 * @param reason shown to the account's owner as the description of the transfer
 * @param transfer the transfer that posted it
 */
public record Adjustment(
    UUID id,
    String from,
    String to,
    long amount,
    String currency,
    String reason,
    Status status,
    String proposedBy,
    Instant createdAt,
    @Nullable String decidedBy,
    @Nullable Instant decidedAt,
    @Nullable TransferId transfer) {

  public enum Status {
    PROPOSED,
    POSTED,
    REJECTED
  }
}
