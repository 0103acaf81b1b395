package dev.evenkeel.payments;

import dev.evenkeel.idempotency.IdempotencyKey;
import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.EntityGraph;
import org.springframework.data.jpa.repository.Lock;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.NativeQuery;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

/** Rows of payments and refunds. */
interface PaymentRepository extends Repository<Payment, UUID> {

  Payment saveAndFlush(Payment payment);

  void flush();

  @EntityGraph(attributePaths = "timeline")
  Optional<Payment> findById(UUID id);

  @EntityGraph(attributePaths = "timeline")
  List<Payment> findByIdInOrderByIdDesc(Collection<UUID> ids);

  /** The scope of a key is its owner and the operation: a refund is another one. */
  @EntityGraph(attributePaths = "timeline")
  @Query(
      """
      select p from Payment p
      where p.request.keyed.owner = :owner and p.request.keyed.key = :key
        and case when p.request.kind = REFUND then true else false end = :refund
      """)
  Optional<Payment> findByKey(String owner, boolean refund, IdempotencyKey key);

  /** First thing in its transaction, so that what is read is what was last committed. */
  @Lock(LockModeType.PESSIMISTIC_WRITE)
  @Query("select p from Payment p where p.id = :id")
  Optional<Payment> lock(UUID id);

  /** Locks it, unless somebody else has. */
  @NativeQuery("select id from payments.payment where id = :id for no key update skip locked")
  Optional<UUID> lockIfFree(UUID id);

  /** The next payment that is due and that nobody is working on, locked. */
  @NativeQuery(
      """
      select id from payments.payment
      where next_attempt_at <= clock_timestamp()
        and (claimed_until is null or claimed_until <= clock_timestamp())
      order by next_attempt_at
      limit 1
      for no key update skip locked
      """)
  Optional<UUID> lockNextDue();

  /** The provider has news of it: it is asked at once, whatever its status. */
  @Modifying
  @NativeQuery(
      """
      update payments.payment set hinted = true, next_attempt_at = clock_timestamp()
      where id = :id and status <> 'REFUSED'
      """)
  void hint(UUID id);

  /** Pay-ins that were never sent, and are too old for it by now, in the order of their ids. */
  @NativeQuery(
      """
      select id from payments.payment
      where kind = 'PAY_IN' and status = 'PENDING' and id > :after
        and created_at <= clock_timestamp() - make_interval(secs => :patienceSeconds)
      order by id
      limit 100
      """)
  List<UUID> findExpired(UUID after, long patienceSeconds);

  /** Minor units: what was refunded, or may still be. */
  @Query(
      """
      select coalesce(sum(p.request.money.minorUnits), 0) from Payment p
      where p.request.refundOf = :payment and p.status in (PENDING, PROCESSING, SUCCEEDED)
      """)
  long promisedBack(UUID payment);

  @NativeQuery(
      """
      select id from payments.payment
      where owner = :owner and kind <> 'REFUND' and status <> 'REFUSED'
        and (cast(:account as uuid) is null or account = :account)
        and (cast(:status as text) is null or status = :status)
        and (cast(:reference as text) is null or reference = :reference)
        and (cast(:key as text) is null or idempotency_key = :key)
        and id < :after
      order by id desc
      limit :limit
      """)
  List<UUID> list(
      String owner,
      @Nullable UUID account,
      @Nullable String status,
      @Nullable String reference,
      @Nullable String key,
      UUID after,
      int limit);

  @NativeQuery(
      """
      select id from payments.payment
      where refund_of = :payment and status <> 'REFUSED' and id < :after
      order by id desc
      limit :limit
      """)
  List<UUID> listRefunds(UUID payment, UUID after, int limit);

  @NativeQuery(
      """
      select id from payments.payment
      where (status in ('PENDING', 'PROCESSING') or attention is not null) and id < :after
      order by id desc
      limit :limit
      """)
  List<UUID> listUnresolved(UUID after, int limit);

  /**
   * What was accepted from one time on, at that time only after the id, and before the other, and
   * may have been sent; in this order.
   */
  @Query(
      """
      select p from Payment p
      where p.createdAt >= :from and (p.createdAt > :from or p.id > :after) and p.createdAt < :to
        and p.attempts > 0 and p.status <> REFUSED
      order by p.createdAt, p.id
      """)
  List<Payment> findSent(Instant from, UUID after, Instant to, Limit limit);

  List<Payment> findByProviderOperationIn(Collection<String> operations);

  List<Payment> findByIdIn(Collection<UUID> ids);

  /** Those whose money has moved, in the order of their ids. */
  @Query(
      """
      select p from Payment p
      where p.status in (SUCCEEDED, RETURNED) and p.id > :after
      order by p.id
      """)
  List<Payment> settledAfter(UUID after, Limit limit);

  /** Seconds since the oldest payment that is not final was accepted; null if there is none. */
  @NativeQuery(
      """
      select extract(epoch from clock_timestamp() - min(created_at)) from payments.payment
      where status in ('PENDING', 'PROCESSING')
      """)
  @Nullable Double oldestUnresolvedSeconds();

  long countByAttentionIsNotNull();

  @NativeQuery("select clock_timestamp()")
  Instant now();
}
