package dev.evenkeel.accounts;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Money that one account has reserved for another. It stays in the account but cannot be spent.
 *
 * @param owner the owner of {@code from}
 * @param amount minor units
 * @param captured how much of it was posted; the rest was released at the same time
 * @param expiresAt the end of the time in which it can be captured; null for a payment's hold,
 *     which never expires
 * @param createdAt by the database's clock
 */
public record Hold(
    TransferId id,
    @JsonIgnore String owner,
    AccountId from,
    AccountId to,
    long amount,
    long captured,
    String currency,
    @Nullable String description,
    Status status,
    @Nullable Instant expiresAt,
    Instant createdAt)
    implements LedgerRecord {

  public enum Status {
    HELD,
    CAPTURED,
    RELEASED,
    /** A hold that has expired remains {@code HELD} until the next expiry run. */
    EXPIRED
  }

  /** Tells whether the hold can be captured at this time. Public for the write path only. */
  public boolean isOpen(Instant now) {
    return status == Status.HELD && (expiresAt == null || now.isBefore(expiresAt));
  }

  /** Returns the hold after its end. Public for the write path only. */
  public Hold ended(Status how, long captured) {
    return new Hold(
        id, owner, from, to, amount, captured, currency, description, how, expiresAt, createdAt);
  }
}
