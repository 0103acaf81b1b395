package dev.evenkeel.database;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.core.retry.RetryPolicy;
import org.springframework.core.retry.RetryTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Runs a whole use case in a transaction of its own, and again, at most three times, when it loses
 * a race: a deadlock, a serialization failure, or a unique key that another request has just taken.
 * The next run sees what the winner did.
 */
@Component
public class RetryingTransactions {

  /** The pauses are random and grow, so that colliding transactions come apart. */
  private static final RetryPolicy AFTER_A_LOST_RACE =
      RetryPolicy.builder()
          .predicate(RetryingTransactions::lostRace)
          .maxRetries(3)
          .delay(Duration.ofMillis(1))
          .jitter(Duration.ofMillis(20))
          .multiplier(2)
          .build();

  private final RetryTemplate retries = new RetryTemplate(AFTER_A_LOST_RACE);
  private final PlatformTransactionManager transactions;

  RetryingTransactions(PlatformTransactionManager transactions) {
    this.transactions = transactions;
  }

  public <T> T run(Supplier<T> useCase) {
    return run(null, useCase);
  }

  /**
   * Runs a use case in a named transaction.
   *
   * @param name the transaction's name, which transaction listeners see
   */
  public <T> T run(@Nullable String name, Supplier<T> useCase) {
    TransactionTemplate transaction = new TransactionTemplate(transactions);
    transaction.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
    if (name != null) {
      transaction.setName(name);
    }
    AtomicReference<@Nullable ConcurrentRequestException> lost = new AtomicReference<>();
    return retries.invoke(() -> {
      try {
        return transaction.execute(_ -> useCase.get());
      } catch (ConcurrentRequestException race) {
        lost.set(race);
        throw race;
      } catch (CannotCreateTransactionException notBegun) {
        // Not "nothing happened": the other request may have done the same.
        throw lost.get() == null ? notBegun : Objects.requireNonNull(lost.get());
      }
    });
  }

  private static boolean lostRace(Throwable failure) {
    return failure instanceof ConcurrentRequestException
        || SqlState.of(failure) == SqlState.RETRYABLE;
  }
}
