package dev.evenkeel.payments;

import static dev.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.testing.Api;
import dev.testing.LockHolder;
import dev.testing.WholeApplication;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** An account with an unfinished payment stays open, so that the payment's money finds it. */
@WholeApplication
class CloseAccountTests extends PaymentFixture {

  private Api.Answer close(UUID id) {
    return api.post("/v1/accounts/" + id + "/close");
  }

  @Test
  void rejectsCloseWhilePaymentIsUnderWay() {
    UUID payment = pendingPayIn(100);

    assertRefused(close(account), 409, "payments-under-way");

    api.cancel(payment);
    assertThat(close(account).at("/status")).isEqualTo("closed");
    assertThat(close(account).status()).isEqualTo(200);
  }

  /** Both wait for the account's lock, which the database grants in the order of their arrival. */
  @Test
  void payInAfterCloseIsRefused() throws Exception {
    openBreaker(true);
    AtLock<Api.Answer> both = atLock(() -> close(account), () -> api.payIn(account, 100, "tok_ok"));

    assertThat(both.first().status()).isEqualTo(200);
    assertRefused(both.second(), 409, "account-closed", "new-key");
  }

  @Test
  void closeAfterPayInIsRefused() throws Exception {
    openBreaker(true);
    AtLock<Api.Answer> both = atLock(() -> api.payIn(account, 100, "tok_ok"), () -> close(account));

    assertAnswer(both.first(), 202, "pending");
    assertRefused(both.second(), 409, "payments-under-way");
  }

  private record AtLock<T>(T first, T second) {}

  /** Calls both while the account is locked, and ends the lock once both wait for it. */
  private <T> AtLock<T> atLock(Callable<T> first, Callable<T> second) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        LockHolder lock = LockHolder.lockingAccount(database, account)) {
      Future<T> former = threads.submit(first);
      lock.awaitWaiting();
      Future<T> latter = threads.submit(second);
      await().until(() -> countRows("pg_locks where locktype = 'tuple' and not granted") == 1);
      lock.letGo();
      return new AtLock<>(former.get(), latter.get());
    }
  }
}
