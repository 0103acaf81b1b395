package dev.evenkeel.payments;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.database.RetryingTransactions;
import dev.testing.WholeApplication;
import java.sql.SQLException;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.hibernate.Hibernate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

@WholeApplication
class PaymentRepositoryTests extends PaymentFixture implements PaymentStoreContract {

  @Autowired PaymentRepository payments;
  @Autowired RetryingTransactions transactions;

  private final String owner = "owner-" + UUID.randomUUID();

  /** Neither recovery nor expiry touches the payments of a test. */
  @BeforeEach
  void stopTheWork() throws SQLException {
    openBreaker(true);
    lockExpiry(true);
  }

  @AfterEach
  void endAll() throws SQLException {
    asOwner(
        """
        update payments.payment set status = 'FAILED', failure_code = 'test', final_at = now(),
          next_attempt_at = null, claimed_until = null, attention = null, problem = null,
          returned = 0, expires_at = null, next_action = null, follow_up = null, follow_up_at = null
        where owner = '%s'
        """
            .formatted(owner));
    lockExpiry(false);
  }

  @Override
  public PaymentRepository payments() {
    return payments;
  }

  @Override
  public String owner() {
    return owner;
  }

  @Override
  public <T> T inTransaction(Supplier<T> work) {
    return transactions.run(work);
  }

  @Override
  public void whileLocked(UUID payment, Runnable work) throws Exception {
    CountDownLatch locked = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(1);
    try (ExecutorService thread = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Boolean> holder =
          thread.submit(() ->
              transactions.run(() -> {
                payments.lock(payment);
                locked.countDown();
                return awaited(done);
              }));
      locked.await();
      try {
        work.run();
      } finally {
        done.countDown();
      }
      holder.get();
    }
  }

  @Test
  void readsNoTimelineToKnowAStatus() throws SQLException {
    openBreaker(false);
    UUID payment = paidIn(1000);
    openBreaker(true);
    UUID refund = api.refund(payment).id();

    inTransaction(() -> {
      assertThat(payments.canRead(payments.lock(refund).orElseThrow())).isTrue();
      Payment refunded = payments.lock(payment).orElseThrow();
      Object timeline = requireNonNull(EntityState.get(refunded, "timeline"));
      assertThat(Hibernate.isInitialized(EntityState.get(timeline, "entries"))).isFalse();
      return refunded;
    });
  }

  private static boolean awaited(CountDownLatch latch) {
    try {
      latch.await();
      return true;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
