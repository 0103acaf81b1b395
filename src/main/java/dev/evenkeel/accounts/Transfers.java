package dev.evenkeel.accounts;

import dev.evenkeel.platform.Outcome;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Transfers between customers' accounts, each durable before its answer. Refuses to run inside a
 * transaction. What follows from a transfer elsewhere follows from {@link TransfersPosted}.
 */
@Component
public class Transfers {

  private final Postings postings;
  private final TransferReader reader;

  Transfers(Postings postings, TransferReader reader) {
    this.postings = postings;
    this.reader = reader;
  }

  public Outcome<Transfer> submit(Posting.Transfer posting) {
    return postings.submit(posting).map(Transfer.class::cast);
  }

  /** Who may is the caller's to check: the receiver of the money, or an operator. */
  public Outcome<Transfer> reverse(Posting.Reversal posting) {
    return postings.submit(posting).map(Transfer.class::cast);
  }

  /** Whoever it concerns. Refused ones are none. */
  public Optional<Transfer> find(UUID id) {
    return reader.read(List.of(id)).stream().findFirst();
  }

  /**
   * A place in a list of transfers, newest first.
   *
   * @param transfer tells apart what was posted at the same instant
   */
  public record Position(Instant postedAt, UUID transfer) {}

  /**
   * Transfers of an owner's accounts, newest first.
   *
   * @param account only those of this account
   * @param reference only those that the owner sent with this reference
   * @param idempotencyKey only those that the owner sent under this key
   */
  public List<Transfer> list(
      String owner,
      @Nullable UUID account,
      @Nullable String reference,
      @Nullable String idempotencyKey,
      Position after,
      int limit) {
    return reference == null && idempotencyKey == null
        ? reader.ofAccounts(owner, account, after, limit)
        : reader.sent(owner, account, reference, idempotencyKey, after, limit);
  }
}
