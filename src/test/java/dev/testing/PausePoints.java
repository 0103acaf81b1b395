package dev.testing;

import dev.evenkeel.Evenkeel;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;

/**
 * Evenkeel in a process that is to be killed. A request names the point at which its thread stops
 * for ever: what one of the named transactions is about to do or has just done.
 */
@TestConfiguration(proxyBeanMethods = false)
public class PausePoints {

  /** Its value is such as {@code beforeCommit payments.accept}. */
  public static final String HEADER = "X-Park-At";

  /** Answers how many requests have stopped. */
  public static final String PARKED = "/parked";

  private static final ThreadLocal<@Nullable String> POINT = new ThreadLocal<>();

  private final AtomicInteger parked = new AtomicInteger();

  public static void main(String[] args) {
    SpringApplication.run(new Class<?>[] {Evenkeel.class, PausePoints.class}, args);
  }

  @Bean
  Filter pointOfTheRequest() {
    return (request, response, chain) -> {
      var http = (HttpServletRequest) request;
      if (http.getRequestURI().equals(PARKED)) {
        response.getWriter().print(parked);
        return;
      }
      POINT.set(http.getHeader(HEADER));
      try {
        chain.doFilter(request, response);
      } finally {
        POINT.remove();
      }
    };
  }

  @Bean
  TransactionExecutionListener stops() {
    return new TransactionExecutionListener() {
      @Override
      public void beforeBegin(TransactionExecution transaction) {
        reached("beforeBegin", transaction);
      }

      @Override
      public void beforeCommit(TransactionExecution transaction) {
        reached("beforeCommit", transaction);
      }

      @Override
      public void afterCommit(TransactionExecution transaction, @Nullable Throwable failure) {
        reached("afterCommit", transaction);
      }
    };
  }

  private void reached(String moment, TransactionExecution transaction) {
    if ((moment + " " + transaction.getTransactionName()).equals(POINT.get())) {
      parked.incrementAndGet();
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        throw new AssertionError("it was to be killed, not stopped", e);
      }
    }
  }
}
