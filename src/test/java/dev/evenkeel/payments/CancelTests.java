package dev.evenkeel.payments;

import static dev.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.IdempotencyKey;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.money.Money;
import dev.evenkeel.payments.provider.ProviderResponse;
import dev.evenkeel.payments.rules.PaymentRules.Attempt;
import dev.testing.Api;
import dev.testing.WholeApplication;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

/** A payment can be canceled while nothing of it was ever sent. */
@WholeApplication
class CancelTests extends PaymentFixture {

  @Autowired Payments payments;
  @Autowired PaymentAttempts attempts;

  @Test
  void cancelsPendingPayment() throws SQLException {
    paidIn(1000);
    openBreaker(true);
    String key = newKey();
    UUID id = api.payOut(key, account, 400, "tok_ok").id();

    Api.Answer canceled = api.cancel(id);

    assertAnswer(canceled, 200, "canceled");
    assertThat(canceled.at("/finalAt")).isNotEmpty();
    assertThat(canceled.at("/timeline/1/status")).isEqualTo("canceled");
    assertBalance(1000, 0);
    assertThat(is(id, "next_attempt_at is null")).isTrue();
    assertThat(simulator.received(id)).isZero();
    assertThat(api.cancel(id).body()).as("again").isEqualTo(canceled.body());
    openBreaker(false);
    Api.Answer replay = api.payOut(key, account, 400, "tok_ok");
    assertThat(replay.status()).isEqualTo(200);
    assertThat(replay.isReplay()).isTrue();
    assertThat(replay.at("/status")).isEqualTo("canceled");
    assertNotified("payment.succeeded", "payment.canceled");
    assertLedgerBalances();
  }

  @ParameterizedTest
  @ValueSource(strings = {"tok_ok", "tok_declined", "tok_async"})
  void rejectsSentPayment(String instrument) {
    Api.Answer paid = api.payIn(account, 400, instrument);

    assertRefused(api.cancel(paid.id()), 409, "not-cancelable");

    assertThat(status(paid.id())).isEqualTo(paid.at("/status"));
  }

  @Test
  void eitherCancelOrClaimWins() throws Exception {
    openBreaker(true);

    List<Long> sent = atOnce(4, () -> race(250));

    assertThat(sent.stream().mapToLong(it -> it).sum())
        .as("each wins now and then")
        .isBetween(1L, 999L);
    assertLedgerBalances();
  }

  /** Cancels and claims each of many pay-outs at the same moment; counts the claims that win. */
  private long race(int payOuts) throws Exception {
    UUID from = api.openAccount(payOuts);
    long sent = 0;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      CyclicBarrier start = new CyclicBarrier(2);
      for (int i = 0; i < payOuts; i++) {
        PaymentId payment = pendingPayOut(from);
        Future<Boolean> claimed =
            threads.submit(() -> {
              start.await();
              return claimAndApprove(payment);
            });
        start.await();
        boolean canceled = payments.cancel(payment) instanceof Outcome.Done<Payment>;
        assertThat(canceled).isNotEqualTo(claimed.get());
        sent += canceled ? 0 : 1;
      }
    }
    assertThat(api.balance(from).at("/posted").asLong()).isEqualTo(-sent);
    assertThat(api.balance(from).at("/held").asLong()).isZero();
    return sent;
  }

  private PaymentId pendingPayOut(UUID from) {
    IdempotentRequest request =
        new IdempotentRequest(
            api.caller(), new IdempotencyKey(newKey()), Fingerprint.of("pay-out"));
    Money money = Money.of(1, "EUR");
    Outcome<Payment> accepted =
        payments.accept(
            new PaymentRequest(
                request,
                new AccountId(from),
                PaymentKind.PAY_OUT,
                money,
                "tok_ok",
                null,
                null,
                null,
                null,
                false));
    return ((Outcome.Done<Payment>) accepted).result().getId();
  }

  /** Does as recovery does, without the provider. */
  private boolean claimAndApprove(PaymentId payment) {
    PaymentAttempts.Claimed claimed = attempts.claim(payment).orElseThrow();
    boolean sends = !claimed.needsQuery();
    ProviderResponse response =
        sends
            ? new ProviderResponse.Approved(Operations.approved("op_" + payment))
            : new ProviderResponse.NotFound();
    attempts.apply(payment, new Attempt(claimed.payment().attempts(), true), response);
    return sends;
  }
}
