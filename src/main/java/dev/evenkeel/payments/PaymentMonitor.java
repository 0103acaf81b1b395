package dev.evenkeel.payments;

import dev.evenkeel.database.Ids;
import dev.evenkeel.database.SqlArrays;
import dev.evenkeel.payments.state.ReadableEnum;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * What has become of payments and refunds, for pages that follow many of them while they go. It
 * reads a few columns in one statement, as pages ask often.
 */
@Component
public class PaymentMonitor {

  private static final String COLUMNS =
      """
      id, status, coalesce(moved, amount) as moved, currency, provider_operation,
      final_at is null and (undecided or attention is not null) as undecided,
      attempts, attempted_at, created_at, final_at
      """;

  private final JdbcClient jdbc;

  PaymentMonitor(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * A payment or a refund.
   *
   * @param moved what moves if it succeeds, in minor units
   * @param operation the provider's operation that made it succeed, waits or differs; null if none
   *     is known
   * @param undecided whether it waits for a decision of the provider or of an operator
   * @param attempts how many calls of the provider began
   * @param attemptedAt when each of the first twenty began
   */
  public record Progress(
      PaymentId id,
      PaymentStatus status,
      long moved,
      String currency,
      @Nullable String operation,
      boolean undecided,
      int attempts,
      List<Instant> attemptedAt,
      Instant createdAt,
      @Nullable Instant finalAt) {}

  /**
   * Lists some of an owner's latest payments, newest first: the first of each span of time, and the
   * newest of all. So the list stays short, however many there are, and a payment in it stays
   * there.
   *
   * @param spans how many spans
   * @param newest how many of the newest
   */
  public List<Progress> latest(String owner, Instant until, Duration span, int spans, int newest) {
    long last = until.toEpochMilli() / span.toMillis();
    List<UUID> begins =
        LongStream.rangeClosed(last - spans + 1, last + 1)
            .mapToObj(it -> Ids.first(Instant.ofEpochMilli(it * span.toMillis())))
            .toList();
    return jdbc.sql(
            """
            with first as (
                select first.*
                from unnest(:begins::uuid[], :ends::uuid[]) as span(begin, ends)
                cross join lateral (
                    select %1$s from payments.payment
                    where owner = :owner and id >= span.begin and id < span.ends
                      and kind in ('PAY_IN', 'PAY_OUT') and status <> 'REFUSED'
                    order by id
                    limit 1) first),
            newest as (
                select %1$s from payments.payment
                where owner = :owner and kind in ('PAY_IN', 'PAY_OUT') and status <> 'REFUSED'
                order by id desc
                limit :newest)
            select * from first union select * from newest
            order by id desc
            """
                .formatted(COLUMNS))
        .param("begins", SqlArrays.uuids(begins.subList(0, spans)))
        .param("ends", SqlArrays.uuids(begins.subList(1, spans + 1)))
        .param("owner", owner)
        .param("newest", newest)
        .query((row, _) -> progress(row))
        .list();
  }

  /**
   * Lists payments and refunds of all owners, oldest first. Ids are given before the commit, so one
   * may appear up to five seconds later among those listed before.
   */
  public List<Progress> after(PaymentId id, int limit) {
    return jdbc.sql(
            """
            select %s from payments.payment
            where id > ? and status <> 'REFUSED'
            order by id
            limit ?
            """
                .formatted(COLUMNS))
        .params(id.value(), limit)
        .query((row, _) -> progress(row))
        .list();
  }

  /** Finds payments and refunds, whoever owns them. */
  public List<Progress> find(Collection<PaymentId> ids) {
    return jdbc.sql(
            "select %s from payments.payment where id = any(?) and status <> 'REFUSED'"
                .formatted(COLUMNS))
        .param(SqlArrays.uuids(ids, PaymentId::value))
        .query((row, _) -> progress(row))
        .list();
  }

  private static Progress progress(ResultSet row) throws SQLException {
    OffsetDateTime finalAt = row.getObject("final_at", OffsetDateTime.class);
    Timestamp[] attemptedAt = (Timestamp[]) row.getArray("attempted_at").getArray();
    return new Progress(
        new PaymentId(row.getObject("id", UUID.class)),
        ReadableEnum.read(row.getString("status"), PaymentStatus.UNREADABLE),
        row.getLong("moved"),
        row.getString("currency"),
        row.getString("provider_operation"),
        row.getBoolean("undecided"),
        row.getInt("attempts"),
        Stream.of(attemptedAt).map(Timestamp::toInstant).toList(),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        finalAt == null ? null : finalAt.toInstant());
  }

  /**
   * Counts payments and refunds whose outcome is unknown, except those that wait for a decision of
   * the provider or of an operator.
   *
   * @param age only those that were accepted at least as long ago
   * @param limit counts no further
   */
  public int countUnfinished(Duration age, int limit) {
    return jdbc.sql(
            """
            select count(*) from (
                select from payments.payment
                where status in ('PENDING', 'PROCESSING') and attention is null and not undecided
                  and created_at < clock_timestamp() - interval '1 ms' * ?
                limit ?) unfinished
            """)
        .params(age.toMillis(), limit)
        .query(Integer.class)
        .single();
  }
}
