package dev.evenkeel.idempotency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.database.ConcurrentRequestException;
import dev.evenkeel.problems.BusyException;
import dev.evenkeel.problems.OutcomeUnknownException;
import java.sql.SQLException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.transaction.CannotCreateTransactionException;

/** A request never reports "no effect" while a duplicate may still have one. */
class InFlightRequestsTests {

  static final RuntimeException[] WITHOUT_EFFECT = {
    new BusyException("full"),
    new CannotCreateTransactionException("no connection"),
    new CannotGetJdbcConnectionException("no connection")
  };

  static final RuntimeException TIMED_OUT =
      new QueryTimeoutException("lock", new SQLException("lock", "55P03"));

  static final String KEY = "ada/transfer/key";

  final InFlightRequests keys = new InFlightRequests();

  @ParameterizedTest
  @FieldSource("WITHOUT_EFFECT")
  void reportsNoEffectWithoutADuplicate(RuntimeException failure) {
    assertThatThrownBy(() -> fail(failure)).isSameAs(failure);
  }

  @ParameterizedTest
  @FieldSource("WITHOUT_EFFECT")
  void reportsADuplicateInProgress(RuntimeException failure) {
    String first =
        keys.run(
            KEY,
            () -> {
              assertThatThrownBy(() -> fail(failure))
                  .isInstanceOf(ConcurrentRequestException.class);
              return "first";
            });

    assertThat(first).isEqualTo("first");
    assertThatThrownBy(() -> fail(failure)).isSameAs(failure);
  }

  /** A request with the key may hold the lock, also on another instance. */
  @Test
  void reportsAnUnknownOutcomeAfterALockTimeout() {
    assertThatThrownBy(() -> fail(TIMED_OUT)).isInstanceOf(OutcomeUnknownException.class);
  }

  @Test
  void reportsADuplicateThatCameLater() {
    CountDownLatch secondIsIn = new CountDownLatch(1);
    CountDownLatch firstHasFailed = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      assertThatThrownBy(() ->
              keys.run(
                  KEY,
                  () -> {
                    threads.submit(() -> keys.run(KEY, () -> after(firstHasFailed, secondIsIn)));
                    await(secondIsIn);
                    throw new BusyException("full");
                  }))
          .isInstanceOf(ConcurrentRequestException.class);
      firstHasFailed.countDown();
    }
  }

  @Test
  void reportsALaterDuplicateInProgress() throws Exception {
    CountDownLatch secondIsIn = new CountDownLatch(1);
    CountDownLatch thirdHasFailed = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<String> second =
          keys.run(
              KEY,
              () -> {
                Future<String> answer =
                    threads.submit(() -> keys.run(KEY, () -> after(thirdHasFailed, secondIsIn)));
                await(secondIsIn);
                return answer;
              });

      try {
        assertThatThrownBy(() -> fail(new BusyException("full")))
            .isInstanceOf(ConcurrentRequestException.class);
      } finally {
        thirdHasFailed.countDown();
      }
      assertThat(second.get()).isEqualTo("done");
    }
  }

  private String fail(RuntimeException failure) {
    return keys.run(
        KEY,
        () -> {
          throw failure;
        });
  }

  private static String after(CountDownLatch latch, CountDownLatch in) {
    in.countDown();
    await(latch);
    return "done";
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
