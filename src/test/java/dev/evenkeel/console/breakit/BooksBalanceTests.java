package dev.evenkeel.console.breakit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.accounts.Audit;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class BooksBalanceTests {

  static Audit.Report report(long... entries) {
    return report(true, entries);
  }

  private static Audit.Report report(boolean balanced, long... entries) {
    List<Audit.CurrencyTotal> currencies =
        LongStream.of(entries)
            .mapToObj(it -> new Audit.CurrencyTotal("EUR", BigDecimal.ZERO, 1, it))
            .toList();
    return new Audit.Report(balanced, currencies, List.of(), List.of(), Instant.EPOCH);
  }

  @Test
  void countsTheEntriesOfAllCurrencies() {
    assertThat(BooksBalance.promise(report(1200, 4)))
        .isEqualTo(Promise.kept("1,204 entries audited", Instant.EPOCH));
  }

  @Test
  void isBrokenUntilAnotherAuditFindsOtherwise() {
    Promise broken = BooksBalance.promise(report(false, 4));

    assertThat(broken.state()).isEqualTo(Promise.State.BROKEN);
    assertThat(BooksBalance.afterFailure(broken)).isEqualTo(broken);
  }

  @Test
  void isNotKeptWhenAnAuditFails() {
    assertThat(BooksBalance.afterFailure(BooksBalance.promise(report(4))))
        .isEqualTo(Promise.UNMEASURABLE);
  }

  @Test
  void anEmptyLedgerBalances() {
    assertThat(BooksBalance.promise(report()))
        .isEqualTo(Promise.kept("nothing posted yet", Instant.EPOCH));
    assertThat(BooksBalance.promise(report(0)).detail()).isEqualTo("nothing posted yet");
  }

  private static final Duration TOOK = Duration.ofSeconds(1);

  private final AtomicLong nanos = new AtomicLong();
  private final AtomicInteger audits = new AtomicInteger();
  private final AtomicBoolean fails = new AtomicBoolean();

  @SuppressWarnings("NullAway")
  private final BooksBalance books =
      new BooksBalance(null) {
        @Override
        Audit.Report report() {
          return audit();
        }

        @Override
        long nanoTime() {
          return nanos.get();
        }
      };

  /** Finds as many entries as there were audits. */
  private Audit.Report audit() {
    nanos.addAndGet(TOOK.toNanos());
    int number = audits.incrementAndGet();
    if (fails.getAndSet(false)) {
      throw new LinkageError("expected by the test");
    }
    return report(number);
  }

  private void awaitAudit(int number) {
    await().until(() -> books.measure().equals(List.of(BooksBalance.promise(report(number)))));
  }

  @Test
  void showsTheLastAuditWhileItRests() {
    awaitAudit(1);

    books.startFrom(Instant.now());
    nanos.addAndGet(TOOK.multipliedBy(10).toNanos() - 1);
    await()
        .during(Duration.ofMillis(200))
        .until(() -> books.measure().equals(List.of(BooksBalance.promise(report(1)))));

    nanos.incrementAndGet();
    awaitAudit(2);
  }

  @Test
  void auditsSoonAfterAFailure() {
    fails.set(true);
    await().until(() -> books.measure().equals(List.of(Promise.UNMEASURABLE)));

    nanos.addAndGet(Duration.ofSeconds(2).toNanos());

    awaitAudit(2);
  }
}
