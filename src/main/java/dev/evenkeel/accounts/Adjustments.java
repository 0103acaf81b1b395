package dev.evenkeel.accounts;

import dev.evenkeel.accounts.posting.AccountRepository;
import dev.evenkeel.accounts.posting.PostingWriter;
import dev.evenkeel.accounts.posting.PostingWriter.Mode;
import dev.evenkeel.accounts.posting.SystemAccount;
import dev.evenkeel.database.Ids;
import dev.evenkeel.database.RetryingTransactions;
import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.IdempotencyKey;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.money.Money;
import dev.evenkeel.problems.Problem;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Corrections by operators: one person proposes to move money, another approves it, and then it is
 * posted.
 */
@Component
public class Adjustments {

  /** The ledger's own accounts, by their names. */
  private static final Map<String, SystemAccount> OWN =
      Map.of(
          "clearing", SystemAccount.PROVIDER_CLEARING,
          "suspense", SystemAccount.SUSPENSE,
          "receivable", SystemAccount.RECEIVABLE,
          "fees", SystemAccount.FEES,
          "bank", SystemAccount.BANK,
          "provider-fees", SystemAccount.PROVIDER_FEES);

  private final JdbcClient jdbc;
  private final AccountRepository accounts;
  private final PostingWriter writer;
  private final RetryingTransactions transactions;

  Adjustments(
      JdbcClient jdbc,
      AccountRepository accounts,
      PostingWriter writer,
      RetryingTransactions transactions) {
    this.jdbc = jdbc;
    this.accounts = accounts;
    this.writer = writer;
    this.transactions = transactions;
  }

  /**
   * A request to propose an adjustment.
   *
   * @param request sent by the person who proposes it
   */
  public record Proposal(
      IdempotentRequest request, String from, String to, Money money, String reason) {}

  /** The names of the ledger's own accounts. */
  public static Set<String> ownAccounts() {
    return OWN.keySet();
  }

  public Outcome<Adjustment> propose(Proposal proposal) {
    if (!isOwn(proposal.from()) && !isOwn(proposal.to())) {
      return Outcome.refused(
          Problem.invalid(
              "to", "must be one of the ledger's own accounts if \"from\" is a customer's"));
    }
    if (proposal.to().equals("receivable")) {
      return Outcome.refused(
          Problem.invalid(
              "to", "must not be receivable: credit the account that owes, which repays first"));
    }
    return transactions.run(() -> findReplay(proposal.request()).orElseGet(() -> insert(proposal)));
  }

  private Optional<Outcome<Adjustment>> findReplay(IdempotentRequest request) {
    return jdbc.sql(
            "select * from accounts.adjustment where proposed_by = ? and idempotency_key = ?")
        .params(request.owner(), request.key().value())
        .query((row, number) -> {
          Adjustment adjustment = adjustment(row, number);
          Fingerprint earlier = Fingerprint.ofStored(row.getBytes("fingerprint"));
          return Outcome.replay(request.fingerprint(), earlier, null, () -> adjustment);
        })
        .optional();
  }

  private Outcome<Adjustment> insert(Proposal proposal) {
    if (isUnknown(proposal.from(), proposal.money())) {
      return Outcome.refused(LedgerProblem.accountNotFound("from"));
    }
    if (isUnknown(proposal.to(), proposal.money())) {
      return Outcome.refused(LedgerProblem.accountNotFound("to"));
    }
    return new Outcome.Done<>(
        jdbc.sql(
                """
                insert into accounts.adjustment
                    (id, proposed_by, idempotency_key, fingerprint, from_account, to_account, amount, currency, reason)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?)
                returning *
                """)
            .param(Ids.next())
            .param(proposal.request().owner())
            .param(proposal.request().key().value())
            .param(proposal.request().fingerprint().bytes())
            .param(proposal.from())
            .param(proposal.to())
            .param(proposal.money().minorUnits())
            .param(proposal.money().currencyCode())
            .param(proposal.reason())
            .query(Adjustments::adjustment)
            .single());
  }

  private static boolean isOwn(String account) {
    return OWN.containsKey(account);
  }

  private boolean isUnknown(String account, Money money) {
    try {
      return !isOwn(account) && accounts.find(id(account, money)).isEmpty();
    } catch (IllegalArgumentException neitherNameNorId) {
      return true;
    }
  }

  private static AccountId id(String account, Money money) {
    SystemAccount own = OWN.get(account);
    return own == null ? new AccountId(canonical(account)) : own.in(money.currency());
  }

  /** The JDK also reads other forms, such as "1-1-1-1-1", and cuts parts that are too long. */
  private static UUID canonical(String text) {
    UUID id = UUID.fromString(text);
    if (!id.toString().equals(text)) {
      throw new IllegalArgumentException("not in the canonical form");
    }
    return id;
  }

  /**
   * Posts an adjustment. A refusal leaves it proposed.
   *
   * @param person who approves it; not the one who proposed it
   */
  public Outcome<Adjustment> approve(UUID id, String person) {
    return transactions.run(() -> {
      Adjustment adjustment = lock(id);
      if (adjustment.proposedBy().equals(person)) {
        return Outcome.refused(
            LedgerProblem.SAME_PERSON, "Another person than the one who proposed it approves it.");
      }
      if (adjustment.status() != Adjustment.Status.PROPOSED) {
        return decided(adjustment);
      }
      PostingRequest posting = posting(adjustment);
      // Stores no refusal under the key, so that the adjustment can be approved later.
      return writer
          .write(List.of(posting), Mode.ALL_OR_NOTHING)
          .inOrderOf(List.of(posting))
          .getFirst()
          .map(posted -> decide(id, Adjustment.Status.POSTED, person, posted.id()));
    });
  }

  private static PostingRequest posting(Adjustment it) {
    Money money = Money.of(it.amount(), it.currency());
    IdempotencyKey key = new IdempotencyKey(it.id().toString());
    return new PostingRequest.Adjustment(
        PostingRequest.Operation.ADJUSTMENT.key(it.proposedBy(), key),
        Fingerprint.of(key.value()),
        id(it.from(), money),
        id(it.to(), money),
        money,
        it.reason());
  }

  /** Rejects an adjustment; who proposed it may do so, too. */
  public Outcome<Adjustment> reject(UUID id, String person) {
    return transactions.run(() -> {
      Adjustment adjustment = lock(id);
      return adjustment.status() == Adjustment.Status.PROPOSED
          ? new Outcome.Done<>(decide(id, Adjustment.Status.REJECTED, person, null))
          : decided(adjustment);
    });
  }

  private static Outcome<Adjustment> decided(Adjustment adjustment) {
    return Outcome.refused(
        LedgerProblem.ADJUSTMENT_DECIDED, "The adjustment is " + word(adjustment.status()) + ".");
  }

  private Adjustment lock(UUID id) {
    return jdbc.sql("select * from accounts.adjustment where id = ? for no key update")
        .param(id)
        .query(Adjustments::adjustment)
        .single();
  }

  private Adjustment decide(
      UUID id, Adjustment.Status status, String person, @Nullable TransferId transfer) {
    return jdbc.sql(
            """
            update accounts.adjustment
            set status = ?, decided_by = ?, transfer = ?, decided_at = clock_timestamp()
            where id = ?
            returning *
            """)
        .param(word(status))
        .param(person)
        .param(transfer == null ? null : transfer.value())
        .param(id)
        .query(Adjustments::adjustment)
        .single();
  }

  public Optional<Adjustment> find(UUID id) {
    return jdbc.sql("select * from accounts.adjustment where id = ?")
        .param(id)
        .query(Adjustments::adjustment)
        .optional();
  }

  /**
   * Lists adjustments, newest first.
   *
   * @param after only adjustments with a smaller id
   */
  public List<Adjustment> list(Adjustment.@Nullable Status status, UUID after, int limit) {
    return jdbc.sql(
            """
            select * from accounts.adjustment
            where (cast(:status as text) is null or status = :status) and id < :after
            order by id desc
            limit :limit
            """)
        .param("status", status == null ? null : word(status))
        .param("after", after)
        .param("limit", limit)
        .query(Adjustments::adjustment)
        .list();
  }

  private static String word(Adjustment.Status status) {
    return status.name().toLowerCase(Locale.ROOT);
  }

  private static Adjustment adjustment(ResultSet row, int number) throws SQLException {
    OffsetDateTime decidedAt = row.getObject("decided_at", OffsetDateTime.class);
    UUID transfer = row.getObject("transfer", UUID.class);
    return new Adjustment(
        row.getObject("id", UUID.class),
        row.getString("from_account"),
        row.getString("to_account"),
        row.getLong("amount"),
        row.getString("currency"),
        row.getString("reason"),
        Adjustment.Status.valueOf(row.getString("status").toUpperCase(Locale.ROOT)),
        row.getString("proposed_by"),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        row.getString("decided_by"),
        decidedAt == null ? null : decidedAt.toInstant(),
        transfer == null ? null : new TransferId(transfer));
  }
}
