package dev.evenkeel.payments;

import dev.evenkeel.database.Ids;
import dev.evenkeel.database.SqlArrays;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Limit;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** What has become of payments and refunds, for pages that follow many of them while they go. */
@Component
public class PaymentMonitor {

  private final PaymentRepository payments;
  private final PaymentProgressRepository progress;
  private final JdbcClient jdbc;

  PaymentMonitor(PaymentRepository payments, PaymentProgressRepository progress, JdbcClient jdbc) {
    this.payments = payments;
    this.progress = progress;
    this.jdbc = jdbc;
  }

  /**
   * A payment or a refund.
   *
   * @param moved what moves if it succeeds, in minor units
   * @param operation the provider's operation that made it succeed, waits or differs; null if none
   *     is known
   * @param undecided whether it waits for a decision of the provider or of an operator
   * @param calls of the provider
   */
  public record Progress(
      PaymentId id,
      PaymentKind kind,
      PaymentStatus status,
      long moved,
      String currency,
      @Nullable String operation,
      boolean undecided,
      ProviderCalls calls,
      Instant createdAt,
      @Nullable Instant finalAt) {

    private static Progress of(Payment payment) {
      return new Progress(
          payment.getId(),
          payment.getKind(),
          payment.getStatus(),
          payment.moved(),
          payment.getCurrency(),
          payment.providerOperation(),
          payment.isUndecided(),
          payment.calls().snapshot(),
          payment.getCreatedAt(),
          payment.getFinalAt());
    }
  }

  /**
   * Lists some of an owner's latest payments, newest first: the first of each span of time, and the
   * newest of all. So the list stays short, however many there are, and a payment in it stays
   * there.
   *
   * @param spans how many spans
   * @param newest how many of the newest
   */
  @Transactional(readOnly = true)
  public List<Progress> lately(String owner, Instant until, Duration span, int spans, int newest) {
    Set<UUID> ids = new HashSet<>(payments.list(owner, null, null, null, null, Ids.LAST, newest));
    long last = until.toEpochMilli() / span.toMillis();
    List<UUID> begins =
        LongStream.rangeClosed(last - spans + 1, last + 1)
            .mapToObj(it -> Ids.first(Instant.ofEpochMilli(it * span.toMillis())))
            .toList();
    ids.addAll(
        jdbc.sql(
                """
                select first.id
                from unnest(?::uuid[], ?::uuid[]) as span(begin, ends)
                cross join lateral (
                    select id from payments.payment
                    where owner = ? and id >= span.begin and id < span.ends
                      and kind in ('PAY_IN', 'PAY_OUT') and status <> 'REFUSED'
                    order by id
                    limit 1) first
                """)
            .param(SqlArrays.uuids(begins.subList(0, spans)))
            .param(SqlArrays.uuids(begins.subList(1, spans + 1)))
            .param(owner)
            .query(UUID.class)
            .list());
    return progress.findByIdInOrderByIdDesc(ids).stream().map(Progress::of).toList();
  }

  /**
   * Lists payments and refunds of all owners, oldest first. Ids are given before the commit, so one
   * may appear up to five seconds later among those listed before.
   */
  @Transactional(readOnly = true)
  public List<Progress> after(PaymentId id, int limit) {
    return progress
        .findByIdGreaterThanAndStatusNotOrderById(
            id.value(), PaymentStatus.REFUSED, Limit.of(limit))
        .stream()
        .map(Progress::of)
        .toList();
  }

  /** Finds payments and refunds, whoever owns them. */
  @Transactional(readOnly = true)
  public List<Progress> find(Collection<PaymentId> ids) {
    return progress.findByIdInOrderByIdDesc(ids.stream().map(PaymentId::value).toList()).stream()
        .filter(it -> it.getStatus() != PaymentStatus.REFUSED)
        .map(Progress::of)
        .toList();
  }

  /**
   * Counts payments and refunds whose outcome is unknown, except those that wait for a decision of
   * the provider or of an operator.
   *
   * @param age only those that were accepted at least as long ago
   * @param limit counts no further
   */
  public int countUnfinished(Duration age, int limit) {
    return progress.countUnfinished(age.toMillis(), limit);
  }
}
