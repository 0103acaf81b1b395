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
 * Posts and finds transfers between customer accounts. A transfer is durable before its outcome is
 * returned, so posting refuses to run inside another transaction. Other modules react to {@link
 * TransfersPosted}.
 */
@Component
public class Transfers {

  private static final String BY_ACCOUNT =
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

  private static final String BY_SENDER =
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
  private final PostingExecutor executor;
  private final TransferRepository transfers;

  Transfers(JdbcClient jdbc, PostingExecutor executor, TransferRepository transfers) {
    this.jdbc = jdbc;
    this.executor = executor;
    this.transfers = transfers;
  }

  public Outcome<Transfer> submit(PostingRequest.Transfer request) {
    return executor.submit(request).map(Transfer.class::cast);
  }

  /**
   * Reverses a transfer. The caller checks first that its caller is the receiver or an operator.
   */
  public Outcome<Transfer> reverse(PostingRequest.Reversal request) {
    return executor.submit(request).map(Transfer.class::cast);
  }

  /** Finds a transfer by id, whoever owns it. Refused requests are not transfers. */
  public Optional<Transfer> find(TransferId id) {
    return transfers.find(List.of(id)).stream().findFirst();
  }

  /**
   * A place in a list of transfers, newest first.
   *
   * @param transfer distinguishes transfers that were posted at the same instant
   */
  public record Position(Instant postedAt, TransferId transfer) {}

  /**
   * Lists the transfers of an owner's accounts, newest first.
   *
   * @param account only transfers from or to this account
   * @param reference only transfers that the owner sent with this reference
   * @param idempotencyKey only transfers that the owner sent under this key
   */
  public List<Transfer> list(
      String owner,
      @Nullable AccountId account,
      @Nullable String reference,
      @Nullable String idempotencyKey,
      Position after,
      int limit) {
    List<TransferId> ids =
        jdbc.sql(reference == null && idempotencyKey == null ? BY_ACCOUNT : BY_SENDER)
            .param("owner", owner)
            .param("account", account == null ? null : account.value())
            .param("reference", reference)
            .param("key", idempotencyKey)
            .param("postedAt", Timestamp.from(after.postedAt()))
            .param("transfer", after.transfer().value())
            .param("limit", limit)
            .query((row, _) -> new TransferId(row.getObject("transfer", UUID.class)))
            .list();
    return transfers.find(ids).stream()
        .sorted(Comparator.comparing(transfer -> ids.indexOf(transfer.id())))
        .toList();
  }
}
