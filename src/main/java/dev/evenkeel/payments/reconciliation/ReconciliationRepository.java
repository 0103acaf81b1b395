package dev.evenkeel.payments.reconciliation;

import dev.evenkeel.payments.Movement;
import dev.evenkeel.payments.Payment;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.NativeQuery;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

/** Reads payments and refunds to compare them. */
interface ReconciliationRepository extends Repository<Payment, UUID> {

  /**
   * Finds what was accepted within a time span and may have been sent to a provider, in the order
   * of acceptance.
   *
   * @param from the start of the span, or the time of the last payment of the previous page
   * @param after the last payment of the previous page
   */
  @Query(
      """
      select p from Payment p
      where p.createdAt >= :from and (p.createdAt > :from or p.id > :after) and p.createdAt < :to
        and p.provider = :provider and p.calls.attempts > 0 and p.status <> REFUSED
      order by p.createdAt, p.id
      """)
  List<Payment> findSent(String provider, Instant from, UUID after, Instant to, Limit limit);

  /** Finds payments whose money has moved, even if all was posted back, in id order. */
  @Query(
      """
      select p from Payment p
      where (p.status in (SUCCEEDED, RETURNED) or p.money.movements is not empty) and p.id > :after
      order by p.id
      """)
  List<Payment> findSettled(UUID after, Limit limit);

  /** Finds which of these payments {@link #findSent} finds. */
  @NativeQuery(
      """
      select id from payments.payment
      where id in (:ids) and created_at >= :from and created_at < :to
        and provider = :provider and attempts > 0 and status <> 'REFUSED'
      """)
  List<UUID> findSentIds(String provider, Collection<UUID> ids, Instant from, Instant to);

  /** Counts those about which the provider is being asked, or will be at once. */
  @NativeQuery(
      """
      select count(*) from payments.payment
      where id in (:ids) and (hinted or claimed_until > clock_timestamp())
      """)
  long countAsked(Collection<UUID> ids);

  List<Payment> findByIdIn(Collection<UUID> ids);

  /** Finds those about which operators were asked because the provider differed. */
  @Query("select p.id from Payment p where p.id in :ids and p.findings.asked is not empty")
  List<UUID> findAsked(Collection<UUID> ids);

  /** A movement with its payment. */
  record BookedMovement(UUID payment, Movement.Kind kind, String source, long amount) {}

  @Query(
      """
      select new dev.evenkeel.payments.reconciliation.ReconciliationRepository$BookedMovement(
        p.id, m.kind, m.source, m.amount)
      from Payment p join p.money.movements m where p.id in :ids
      """)
  List<BookedMovement> findMovements(Collection<UUID> ids);

  /** Finds which of these operations of the provider are booked as movements. */
  @Query(
      """
      select m.source from Payment p join p.money.movements m where m.kind = :kind and m.source in :operations
      """)
  Set<String> findBooked(Movement.Kind kind, Collection<String> operations);

  /** The time by the database's clock. */
  @NativeQuery("select clock_timestamp()")
  Instant now();
}
