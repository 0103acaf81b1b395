package dev.evenkeel.payments;

import static dev.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.util.UUID;
import java.util.concurrent.CyclicBarrier;
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

  @Test
  void eitherCloseOrPayInWins() throws Exception {
    openBreaker(true);
    int closed = 0;
    int rounds = 150;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      CyclicBarrier start = new CyclicBarrier(2);
      for (int i = 0; i < rounds; i++) {
        UUID contested = api.openAccount(0);
        Future<Api.Answer> close =
            threads.submit(() -> {
              start.await();
              return close(contested);
            });
        start.await();
        Api.Answer paid = api.payIn(contested, 100, "tok_ok");

        if (close.get().status() == 200) {
          assertRefused(paid, 409, "account-closed", "new-key");
          closed++;
        } else {
          assertRefused(close.get(), 409, "payments-under-way");
          assertAnswer(paid, 202, "pending");
        }
      }
    }
    assertThat(closed).as("each wins now and then").isBetween(1, rounds - 1);
  }
}
