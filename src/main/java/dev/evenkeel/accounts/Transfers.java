package dev.evenkeel.accounts;

import dev.evenkeel.accounts.posting.PostingExecutor;
import dev.evenkeel.accounts.posting.TransferRepository;
import dev.evenkeel.idempotency.Outcome;
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

  private static final String OF_OWNER =
      """
      select transfer from accounts.entry
      where listed_for = :owner and transfer < :after
      order by transfer desc
      limit :limit
      """;

  private static final String OF_ACCOUNT =
      """
      select transfer from accounts.entry
      where account = (select id from accounts.account where id = :account and owner = :owner)
        and seq < coalesce((select seq from accounts.entry where transfer = :after and account = :account),
                           9223372036854775807)
      order by seq desc
      limit :limit
      """;

  private static final String BY_SENDER =
      """
      select id as transfer from accounts.transfer
      where owner = :owner and problem is null and operation in ('transfer', 'batch', 'reversal', 'capture')
        and (cast(:account as uuid) is null or :account in (from_account, to_account))
        and id < :after
      """;

  private static final String REFERENCE = "and reference = :reference\n";
  private static final String KEY = "and idempotency_key = :key and operation <> 'batch'\n";

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
   * Lists the transfers of an owner's accounts, newest first.
   *
   * @param account only transfers from or to this account
   * @param reference only transfers that the owner sent with this reference
   * @param idempotencyKey only transfers that the owner sent under this key
   * @param after only transfers after this one in the list
   */
  public List<Transfer> list(
      String owner,
      @Nullable AccountId account,
      @Nullable String reference,
      @Nullable String idempotencyKey,
      TransferId after,
      int limit) {
    List<TransferId> ids =
        jdbc.sql(sql(account, reference, idempotencyKey))
            .param("owner", owner)
            .param("account", account == null ? null : account.value())
            .param("reference", reference)
            .param("key", idempotencyKey)
            .param("after", after.value())
            .param("limit", limit)
            .query((row, _) -> new TransferId(row.getObject("transfer", UUID.class)))
            .list();
    return transfers.find(ids).stream()
        .sorted(Comparator.comparing(transfer -> ids.indexOf(transfer.id())))
        .toList();
  }

  /**
   * Lists what was posted for a payment and its refunds, oldest first. The caller checks first that
   * its caller may see the payment.
   */
  public List<Transfer> ofPayment(UUID payment, int limit) {
    List<TransferId> ids =
        jdbc.sql(
                """
                select id from accounts.transfer
                where payment = ? and operation <> 'payment_hold'
                order by id
                limit ?
                """)
            .params(payment, limit)
            .query((row, _) -> new TransferId(row.getObject("id", UUID.class)))
            .list();
    return transfers.find(ids).stream()
        .sorted(Comparator.comparing(transfer -> ids.indexOf(transfer.id())))
        .toList();
  }

  /** A statement for each combination, so that each has a plan of its own. */
  private static String sql(
      @Nullable AccountId account, @Nullable String reference, @Nullable String idempotencyKey) {
    if (reference == null && idempotencyKey == null) {
      return account == null ? OF_OWNER : OF_ACCOUNT;
    }
    return BY_SENDER
        + (reference == null ? "" : REFERENCE)
        + (idempotencyKey == null ? "" : KEY)
        + "order by id desc limit :limit";
  }
}
