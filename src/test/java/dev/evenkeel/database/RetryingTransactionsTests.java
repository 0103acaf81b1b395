package dev.evenkeel.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.SimpleTransactionStatus;

class RetryingTransactionsTests {

  private final AtomicInteger connections = new AtomicInteger();
  private final RetryingTransactions transactions =
      new RetryingTransactions(
          new PlatformTransactionManager() {
            @Override
            public TransactionStatus getTransaction(@Nullable TransactionDefinition definition) {
              if (connections.getAndDecrement() <= 0) {
                throw new CannotCreateTransactionException("planted");
              }
              return new SimpleTransactionStatus();
            }

            @Override
            public void commit(TransactionStatus status) {}

            @Override
            public void rollback(TransactionStatus status) {}
          });

  @Test
  void runsAgainAfterALostRace() {
    connections.set(2);
    AtomicInteger runs = new AtomicInteger();

    String result =
        transactions.run(() -> {
          if (runs.incrementAndGet() == 1) {
            throw new ConcurrentRequestException("planted");
          }
          return "done";
        });

    assertThat(result).isEqualTo("done");
  }

  @Test
  void reportsThatNothingBegan() {
    assertThatThrownBy(() -> transactions.run(() -> "never"))
        .isInstanceOf(CannotCreateTransactionException.class);
  }

  /** The other request may have done what this one asks for. */
  @Test
  void reportsALostRaceIfTheNextRunCannotBegin() {
    connections.set(1);

    assertThatThrownBy(() ->
            transactions.run(() -> {
              throw new ConcurrentRequestException("planted");
            }))
        .isInstanceOf(ConcurrentRequestException.class);
  }
}
