package dev.evenkeel.accounts.posting;

import static dev.evenkeel.database.SqlArrays.array;
import static dev.evenkeel.database.SqlArrays.numbers;
import static dev.evenkeel.database.SqlArrays.texts;
import static dev.evenkeel.database.SqlArrays.uuids;

import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.Hold;
import dev.evenkeel.accounts.TransferId;
import dev.evenkeel.database.Pipeline;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Reads and writes holds. */
@Component
public class HoldRepository {

  private static final String SELECT =
      """
      select t.*, h.captured, h.status, h.expires_at, h.placed_at
      from accounts.hold h
      join accounts.transfer t on t.id = h.id
      """;

  private final JdbcClient jdbc;

  HoldRepository(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  public List<Hold> find(Collection<TransferId> ids) {
    return ids.isEmpty()
        ? List.of()
        : jdbc.sql(SELECT + "where h.id = any(?)")
            .param(uuids(ids, TransferId::value))
            .query(HoldRepository::hold)
            .list();
  }

  /** Lists customers' holds, newest first; holds for payments are left out. */
  public List<Hold> list(
      String owner,
      @Nullable AccountId account,
      Hold.@Nullable Status status,
      TransferId before,
      int limit) {
    String sql =
        account == null
            ? list("")
            : "(%s) union all (%s) order by id desc limit :limit"
                .formatted(
                    list("and t.from_account = :account"), list("and t.to_account = :account"));
    return jdbc.sql(sql)
        .param("owner", owner)
        .param("account", account == null ? null : account.value())
        .param("status", status == null ? null : word(status))
        .param("before", before.value())
        .param("limit", limit)
        .query(HoldRepository::hold)
        .list();
  }

  private static String list(String condition) {
    return SELECT
        + """
        where t.owner = :owner and t.operation = 'hold' %s
          and (cast(:status as text) is null or h.status = :status)
          and t.id < :before
        order by t.id desc
        limit :limit
        """
            .formatted(condition);
  }

  /** Finds open holds that have expired, in id order. */
  public List<TransferId> findExpired(TransferId after, int limit) {
    return jdbc.sql(
            """
            select id from accounts.hold
            where status = 'held' and expires_at <= clock_timestamp() and id > ?
            order by id
            limit ?
            """)
        .params(after.value(), limit)
        .query((row, _) -> new TransferId(row.getObject("id", UUID.class)))
        .list();
  }

  static void insert(Pipeline pipeline, List<Hold> holds) {
    if (holds.isEmpty()) {
      return;
    }
    pipeline.update(
        """
        insert into accounts.hold (id, account, amount, expires_at, placed_at)
        select * from unnest(?::uuid[], ?::uuid[], ?::bigint[], ?::timestamptz[], ?::timestamptz[])
        """,
        uuids(holds, hold -> hold.id().value()),
        uuids(holds, hold -> hold.from().value()),
        numbers(holds, Hold::amount),
        array("timestamptz", holds, Hold::expiresAt),
        array("timestamptz", holds, Hold::createdAt));
  }

  /**
   * A hold that was captured, was released or has expired.
   *
   * @param at not before the hold was placed, even if the clock was set back since
   */
  record Ended(Hold hold, Instant at) {
    Ended {
      at = at.isBefore(hold.createdAt()) ? hold.createdAt() : at;
    }
  }

  static void end(Pipeline pipeline, List<Ended> holds) {
    if (holds.isEmpty()) {
      return;
    }
    pipeline.update(
        """
        update accounts.hold h
        set status = e.status, captured = e.captured, ended_at = e.at
        from unnest(?::uuid[], ?::text[], ?::bigint[], ?::timestamptz[]) as e(id, status, captured, at)
        where h.id = e.id
        """,
        uuids(holds, ended -> ended.hold().id().value()),
        texts(holds, ended -> word(ended.hold().status())),
        numbers(holds, ended -> ended.hold().captured()),
        array("timestamptz", holds, Ended::at));
  }

  private static Hold hold(ResultSet row, int number) throws SQLException {
    OffsetDateTime expires = row.getObject("expires_at", OffsetDateTime.class);
    return new Hold(
        new TransferId(row.getObject("id", UUID.class)),
        row.getString("owner"),
        new AccountId(row.getObject("from_account", UUID.class)),
        new AccountId(row.getObject("to_account", UUID.class)),
        row.getLong("amount"),
        row.getLong("captured"),
        row.getString("currency"),
        row.getString("description"),
        Hold.Status.valueOf(row.getString("status").toUpperCase(Locale.ROOT)),
        expires == null ? null : expires.toInstant(),
        row.getObject("placed_at", OffsetDateTime.class).toInstant());
  }

  private static String word(Hold.Status status) {
    return status.name().toLowerCase(Locale.ROOT);
  }
}
