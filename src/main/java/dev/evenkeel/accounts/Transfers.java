package dev.evenkeel.accounts;

import dev.evenkeel.accounts.posting.PostingExecutor;
import dev.evenkeel.accounts.posting.TransferRepository;
import dev.evenkeel.idempotency.Outcome;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Transfers between customers' accounts, each durable before its answer. Refuses to run inside a
 * transaction. What follows from a transfer elsewhere follows from {@link TransfersPosted}.
 */
@Component
public class Transfers {

  private static final String OF_ACCOUNTS =
      """
      select distinct e.posted_at, e.transfer
      from accounts.account a
      cross join lateral (
          select transfer, posted_at from accounts.entry
          where account = a.id and seq is not null and (posted_at, transfer) < (:postedAt, :transfer)
          order by posted_at desc, transfer desc
          limit :limit) e
      where a.owner = :owner and (cast(:account as uuid) is null or a.id = :account)
      order by e.posted_at desc, e.transfer desc
      limit :limit
      """;

  /** By what only the sender knows. */
  private static final String SENT =
      """
      select id as transfer from accounts.transfer
      where owner = :owner and problem is null and operation in ('transfer', 'batch', 'reversal', 'capture')
        and (cast(:account as uuid) is null or :account in (from_account, to_account))
        and (cast(:reference as text) is null or reference = :reference)
        and (cast(:key as text) is null or idempotency_key = :key and operation <> 'batch')
        and (posted_at, id) < (:postedAt, :transfer)
      order by posted_at desc, id desc
      limit :limit
      """;

  private final JdbcClient jdbc;
  private final PostingExecutor postings;
  private final TransferRepository reader;

  Transfers(JdbcClient jdbc, PostingExecutor postings, TransferRepository reader) {
    this.jdbc = jdbc;
    this.postings = postings;
    this.reader = reader;
  }

  public Outcome<Transfer> submit(PostingRequest.Transfer posting) {
    return postings.submit(posting).map(Transfer.class::cast);
  }

  /** Who may is the caller's to check: the receiver of the money, or an operator. */
  public Outcome<Transfer> reverse(PostingRequest.Reversal posting) {
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
    List<UUID> ids =
        jdbc.sql(reference == null && idempotencyKey == null ? OF_ACCOUNTS : SENT)
            .param("owner", owner)
            .param("account", account)
            .param("reference", reference)
            .param("key", idempotencyKey)
            .param("postedAt", Timestamp.from(after.postedAt()))
            .param("transfer", after.transfer())
            .param("limit", limit)
            .query((row, _) -> row.getObject("transfer", UUID.class))
            .list();
    return reader.read(ids).stream()
        .sorted(Comparator.comparing(transfer -> ids.indexOf(transfer.id())))
        .toList();
  }
}
