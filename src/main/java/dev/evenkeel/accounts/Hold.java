package dev.evenkeel.accounts;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Money of one account that is promised to another. It stays where it is, but cannot be spent.
 *
 * @param owner of {@code from}
 * @param amount minor units
 * @param captured how much of it was posted; the rest was released with it
 * @param expiresAt from then on it cannot be captured; null for a payment's, which never expires
 * @param createdAt by the database's clock
 */
public record Hold(
    UUID id,
    @JsonIgnore String owner,
    UUID from,
    UUID to,
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
    /** Also a hold past its time is {@code HELD} until its expiry is carried out. */
    EXPIRED
  }

  /** Whether it can be captured at this time. */
  public boolean isOpen(Instant now) {
    return status == Status.HELD && (expiresAt == null || now.isBefore(expiresAt));
  }

  public Hold ended(Status how, long captured) {
    return new Hold(
        id, owner, from, to, amount, captured, currency, description, how, expiresAt, createdAt);
  }
}
