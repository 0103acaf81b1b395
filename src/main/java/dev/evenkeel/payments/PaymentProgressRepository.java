package dev.evenkeel.payments;

import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.NativeQuery;
import org.springframework.data.repository.Repository;

/** Reads many payments at once, without their timelines. */
interface PaymentProgressRepository extends Repository<Payment, UUID> {

  List<Payment> findByIdInOrderByIdDesc(Collection<UUID> ids);

  List<Payment> findByIdGreaterThanAndStatusNotOrderById(
      UUID after, PaymentStatus status, Limit limit);

  /** Counts what is unknown for longer than this and waits for nobody's decision, up to a limit. */
  @NativeQuery(
      """
      select count(*) from (
          select from payments.payment
          where status in ('PENDING', 'PROCESSING') and attention is null and not undecided
            and created_at < clock_timestamp() - interval '1 ms' * :ageMillis
          limit :limit) unfinished
      """)
  int countUnfinished(long ageMillis, int limit);
}
