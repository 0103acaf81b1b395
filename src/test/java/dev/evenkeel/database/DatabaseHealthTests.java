package dev.evenkeel.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import org.springframework.jdbc.datasource.AbstractDataSource;

@Timeout(10)
class DatabaseHealthTests {

  final AtomicInteger checks = new AtomicInteger();
  final CountDownLatch begun = new CountDownLatch(1);
  final CountDownLatch answer = new CountDownLatch(1);
  final DatabaseHealth health =
      new DatabaseHealth(
          new AbstractDataSource() {
            @Override
            public Connection getConnection() throws SQLException {
              checks.incrementAndGet();
              begun.countDown();
              try {
                answer.await();
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
              throw new SQLException("no database");
            }

            @Override
            public Connection getConnection(String user, String password) {
              throw new UnsupportedOperationException();
            }
          });

  @Test
  void onlyOneCallerAsksTheDatabase() throws Exception {
    CompletableFuture<Health> first = CompletableFuture.supplyAsync(health::health);
    begun.await();

    for (int i = 0; i < 1000; i++) {
      assertThat(health.health().getStatus()).isEqualTo(Status.UNKNOWN);
    }

    answer.countDown();
    assertThat(first.get().getStatus()).isEqualTo(Status.DOWN);
    assertThat(checks).hasValue(1);
  }

  @Test
  void theResultHoldsForASecond() {
    answer.countDown();
    long start = System.nanoTime();
    do {
      assertThat(health.health().getStatus()).isEqualTo(Status.DOWN);
    } while (System.nanoTime() - start < 1_500_000_000L);

    assertThat(checks.get()).isEqualTo(2);
  }
}
