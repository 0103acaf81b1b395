package dev.evenkeel.platform;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Runs a whole use case in a transaction of its own, and once more where it lost a race: a
 * deadlock, a serialization failure, or a unique key that somebody else just took. The second run
 * sees what the winner did.
 */
@Component
public class RetryingTransactions {

  /** Thrown by a use case that was overtaken and has to be run again from its start. */
  public static final class OvertakenException extends RuntimeException {
    public OvertakenException(String reason) {
      super(reason, null, false, false);
    }
  }

  private static final int ATTEMPTS = 4;
  private static final Duration LONGEST_PAUSE = Duration.ofMillis(20);

  private final PlatformTransactionManager transactions;

  RetryingTransactions(PlatformTransactionManager transactions) {
    this.transactions = transactions;
  }

  public <T> T run(Supplier<T> useCase) {
    return run(null, useCase);
  }

  /**
   * @param name of the transaction, for whoever listens to transactions
   */
  public <T> T run(@Nullable String name, Supplier<T> useCase) {
    TransactionTemplate transaction = new TransactionTemplate(transactions);
    transaction.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
    if (name != null) {
      transaction.setName(name);
    }
    for (int attempt = 1; ; attempt++) {
      try {
        return transaction.execute(_ -> useCase.get());
      } catch (RuntimeException failure) {
        boolean lostRace =
            failure instanceof OvertakenException || SqlState.of(failure) == SqlState.RETRYABLE;
        if (!lostRace || attempt == ATTEMPTS) {
          throw failure;
        }
        pause(attempt);
      }
    }
  }

  private static void pause(int attempt) {
    try {
      Thread.sleep(ThreadLocalRandom.current().nextLong(LONGEST_PAUSE.toMillis() * attempt));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted between two attempts at a transaction", e);
    }
  }
}
