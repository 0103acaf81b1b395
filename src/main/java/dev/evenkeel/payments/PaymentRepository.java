package dev.evenkeel.payments;

import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.springframework.data.jpa.repository.EntityGraph;
import org.springframework.data.jpa.repository.Lock;
import org.springframework.data.jpa.repository.NativeQuery;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

/** Rows of payments. */
interface PaymentRepository extends Repository<Payment, UUID> {

  Payment saveAndFlush(Payment payment);

  void flush();

  @EntityGraph(attributePaths = "timeline")
  Optional<Payment> findById(UUID id);

  @EntityGraph(attributePaths = "timeline")
  Optional<Payment> findByOwnerAndIdempotencyKey(String owner, String idempotencyKey);

  /** First thing in its transaction, so that what is read is what was last committed. */
  @Lock(LockModeType.PESSIMISTIC_WRITE)
  @Query("select p from Payment p where p.id = :id")
  Optional<Payment> lock(UUID id);

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

  @NativeQuery("select clock_timestamp()")
  Instant now();
}
