package dev.evenkeel.payments;

import dev.evenkeel.idempotency.IdempotencyKey;
import dev.evenkeel.payments.rules.PaymentRules;
import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.data.jpa.repository.EntityGraph;
import org.springframework.data.jpa.repository.Lock;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.NativeQuery;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;
import org.springframework.transaction.annotation.Transactional;

/** Reads and stores payments and refunds. */
interface PaymentRepository extends Repository<Payment, UUID> {

  Payment saveAndFlush(Payment payment);

  void flush();

  @EntityGraph(attributePaths = "timeline.entries")
  Optional<Payment> findById(UUID id);

  @EntityGraph(attributePaths = "timeline.entries")
  List<Payment> findByIdInOrderByIdDesc(Collection<UUID> ids);

  @Query("select p from Payment p where p.id = :id")
  Optional<Payment> findWithoutTimeline(UUID id);

  /** Finds the payment or the refund of a key: keys are unique per owner and operation. */
  @EntityGraph(attributePaths = "timeline.entries")
  @Query(
      """
      select p from Payment p
      where p.request.keyed.owner = :owner and p.request.keyed.key = :key
        and case when p.request.kind = REFUND then true else false end = :refund
      """)
  Optional<Payment> findByKey(String owner, boolean refund, IdempotencyKey key);

  @Lock(LockModeType.PESSIMISTIC_WRITE)
  @Query("select p from Payment p where p.id = :id")
  Optional<Payment> lockAndRead(UUID id);

  /**
   * Locks and reads a payment. It must come first in a transaction, to read the latest commit.
   *
   * @throws IllegalStateException if this release does not know the payment's state, so that
   *     nothing may change it
   */
  default Optional<Payment> lock(UUID id) {
    Optional<Payment> payment = lockAndRead(id);
    if (payment.filter(it -> !it.isReadable()).isPresent()) {
      throw new IllegalStateException("this release cannot read payment " + id);
    }
    return payment;
  }

  /** Whether this release knows the state of the payment and, for a refund, of its payment. */
  default boolean canRead(Payment payment) {
    PaymentId refunded = payment.getPayment();
    return payment.isReadable()
        && (refunded == null || findWithoutTimeline(refunded.value()).orElseThrow().isReadable());
  }

  /** Locks a payment, unless another transaction holds the lock. */
  @NativeQuery("select id from payments.payment where id = :id for no key update skip locked")
  Optional<UUID> lockIfFree(UUID id);

  /**
   * Locks the payment that has been due for the longest time and is not claimed; first those of
   * which the provider has news.
   *
   * @param provider of this provider only
   * @param unsent whether to include payments that were never sent
   * @param sent whether to include payments that may have been sent
   */
  @NativeQuery(
      """
      select id from payments.payment
      where next_attempt_at <= statement_timestamp() and provider = :provider
        and (claimed_until is null or claimed_until <= clock_timestamp())
        and case when status = 'PENDING' then :unsent else :sent end
      order by hinted desc, next_attempt_at
      limit 1
      for no key update skip locked
      """)
  Optional<UUID> lockNextDue(String provider, boolean unsent, boolean sent);

  /**
   * Moves on the next attempt of a payment whose attempt has failed, without reading the payment.
   * After ten failures in a row an operator has to look.
   *
   * @return how many attempts in a row have failed
   */
  @NativeQuery(
      """
      update payments.payment
      set failures = failures + 1, hinted = false,
          next_attempt_at = clock_timestamp() + make_interval(secs => least(power(2, least(failures, 12)), 3600)),
          attention = case when failures = 9 then array_append(attention, 'UNREADABLE') else attention end
      where id = :id
      returning failures
      """)
  int postpone(UUID id);

  /**
   * Makes a payment due at once, whatever its status: the provider has news of it. Runs in the
   * caller's transaction or in one of its own.
   */
  @Transactional
  @Modifying
  @NativeQuery(
      """
      update payments.payment set hinted = true, next_attempt_at = clock_timestamp()
      where id = :id and status <> 'REFUSED'
      """)
  void hint(UUID id);

  /** {@link #hint(UUID)}, by the provider's id of the payment's operation. */
  @Transactional
  @Modifying
  @NativeQuery(
      """
      update payments.payment set hinted = true, next_attempt_at = clock_timestamp()
      where provider_operation = :operation and status <> 'REFUSED'
      """)
  void hint(String operation);

  /**
   * Finds what {@link PaymentRules#expire} ends or puts under attention, in id order. A payment
   * that needs a decision waits for it, but does not wait longer for its customer or its capture.
   */
  @NativeQuery(
      """
      select id from payments.payment p
      where final_at is null and id > :after
        and (attention is null
             or expires_at <= clock_timestamp() and follow_up is null and 'UNREADABLE' <> all (attention))
        and (failures = 0 or next_attempt_at <= clock_timestamp())
        and (claimed_until is null or claimed_until <= clock_timestamp())
        and (kind = 'PAY_IN' and status = 'PENDING'
               and created_at <= clock_timestamp() - make_interval(secs => :payInExpirySeconds)
             or status = 'PENDING' and payments.refundable(refund_of) < amount
             or case
                  when follow_up is not null
                    then follow_up_at <= clock_timestamp() - make_interval(secs => :followUpSeconds)
                  when expires_at is not null then expires_at <= clock_timestamp()
                  else coalesce(first_sent_at, created_at)
                    <= clock_timestamp() - make_interval(secs => :keyMemorySeconds)
                end)
      order by id
      limit 100
      """)
  List<UUID> findExpired(
      UUID after, long payInExpirySeconds, long keyMemorySeconds, long followUpSeconds);

  /** Tells whether any payment or refund of the account is not final. */
  @NativeQuery(
      "select exists (select from payments.payment where account = :account and final_at is null)")
  boolean existsUnfinished(UUID account);

  /** Sums the refunds of a payment that have not failed, in minor units. */
  @Query(
      """
      select coalesce(sum(coalesce(p.money.moved, p.request.money.minorUnits) - p.money.returned), 0) from Payment p
      where p.request.refundOf.value = :payment and p.status not in (FAILED, CANCELED, REFUSED)
      """)
  long sumOfRefunds(UUID payment);

  @NativeQuery(
      """
      select id from payments.payment
      where owner = :owner and kind in ('PAY_IN', 'PAY_OUT') and status <> 'REFUSED'
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

  @NativeQuery(
      """
      select id from payments.payment
      where attention is not null
      order by id desc
      limit :limit
      """)
  List<UUID> listNeedingDecision(int limit);

  /**
   * The age of the oldest payment that is not final or, if it is captured or canceled, of that
   * request, in seconds; null if there is none. Payments that the provider has and has not decided
   * do not count.
   */
  @NativeQuery(
      """
      select extract(epoch from clock_timestamp() - min(coalesce(follow_up_at, created_at))) from payments.payment
      where status in ('PENDING', 'PROCESSING') and not undecided
      """)
  @Nullable Double oldestUnresolvedSeconds();

  long countByCalls_UndecidedIsTrueAndFinalAtIsNull();

  long countByAttentionIsNotNull();

  /** The time by the database's clock. */
  @NativeQuery("select clock_timestamp()")
  Instant now();
}
