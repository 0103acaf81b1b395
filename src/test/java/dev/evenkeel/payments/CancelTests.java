package dev.evenkeel.payments;

import static dev.testing.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.IdempotencyKey;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.money.Money;
import dev.evenkeel.payments.provider.ProviderResponse;
import dev.testing.Api;
import dev.testing.WholeApplication;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

/** A payment can be canceled as long as nothing of it was ever sent. */
@WholeApplication
class CancelTests extends PaymentFixture {

  @Autowired Payments payments;
  @Autowired PaymentAttempts attempts;

  @Test
  void whatWasNeverSentIsCanceled() throws SQLException {
    paidIn(1000);
    keepAway();
    UUID id = api.payOut(account, 400, "tok_ok").id();

    Api.Answer canceled = api.cancel(id);

    assertThat(canceled.status()).as(canceled.toString()).isEqualTo(200);
    assertThat(canceled.at("/status")).isEqualTo("canceled");
    assertThat(canceled.at("/finalAt")).isNotEmpty();
    assertThat(canceled.at("/timeline/1/status")).isEqualTo("canceled");
    assertBalance(1000, 0);
    assertThat(count("payments.payment where next_attempt_at is null and id = '" + id + "'"))
        .isEqualTo(1);
    assertThat(simulator.received(id)).isZero();
    assertTold("payment.succeeded", "payment.canceled");
    assertLedgerBalances();
  }

  @Test
  void toCancelAgainChangesNothing() {
    keepAway();
    UUID id = api.payIn(account, 400, "tok_ok").id();
    Api.Answer canceled = api.cancel(id);

    Api.Answer again = api.cancel(id);

    assertThat(again.status()).isEqualTo(200);
    assertThat(again.body()).isEqualTo(canceled.body());
    assertTold("payment.canceled");
  }

  @Test
  void theKeyOfACanceledPaymentIsUsedUp() {
    keepAway();
    String key = UUID.randomUUID().toString();
    UUID id = api.payIn(key, account, 400, "tok_ok").id();
    api.cancel(id);
    letThrough();

    Api.Answer again = api.payIn(key, account, 400, "tok_ok");

    assertThat(again.status()).isEqualTo(200);
    assertThat(again.isReplay()).isTrue();
    assertThat(again.at("/status")).isEqualTo("canceled");
  }

  @ParameterizedTest
  @ValueSource(strings = {"tok_ok", "tok_declined", "tok_async"})
  void whatMayHaveBeenSentIsNotCanceled(String instrument) {
    Api.Answer paid = api.payIn(account, 400, instrument);

    assertRefused(api.cancel(paid.id()), 409, "not-cancelable");

    assertThat(payment(paid.id()).at("/status").asString()).isEqualTo(paid.at("/status"));
  }

  @Test
  void exactlyOneOfACancellationAndACallWins() throws Exception {
    keepAway();

    List<Long> sent = atOnce(4, () -> sentOf(250));

    assertThat(sent.stream().mapToLong(it -> it).sum())
        .as("each wins now and then")
        .isBetween(1L, 999L);
    assertLedgerBalances();
  }

  /** So many pay-outs of one minor unit each are canceled and sent at the same moment. */
  private long sentOf(int payOuts) throws Exception {
    UUID from = api.openAccount(payOuts);
    List<UUID> pending = Stream.generate(() -> pendingPayOut(from)).limit(payOuts).toList();
    CyclicBarrier start = new CyclicBarrier(2);
    List<Boolean> sent;
    List<Boolean> canceled;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<List<Boolean>> caller = threads.submit(each(pending, start, this::callAndApprove));
      Future<List<Boolean>> owner = threads.submit(each(pending, start, this::cancel));
      sent = caller.get();
      canceled = owner.get();
    }
    assertThat(canceled).isEqualTo(sent.stream().map(it -> !it).toList());
    long left = Collections.frequency(sent, true);
    assertThat(api.balance(from).at("/posted").asLong()).isEqualTo(-left);
    assertThat(api.balance(from).at("/held").asLong()).isZero();
    return left;
  }

  private static Callable<List<Boolean>> each(
      List<UUID> payments, CyclicBarrier start, Predicate<UUID> succeeds) {
    return () -> {
      List<Boolean> succeeded = new ArrayList<>();
      for (UUID payment : payments) {
        start.await();
        succeeded.add(succeeds.test(payment));
      }
      return succeeded;
    };
  }

  private UUID pendingPayOut(UUID from) {
    Outcome<Payment> accepted =
        payments.accept(
            new PaymentRequest(
                new IdempotentRequest(
                    api.caller(),
                    new IdempotencyKey(UUID.randomUUID().toString()),
                    Fingerprint.of("pay-out")),
                from,
                PaymentKind.PAY_OUT,
                Money.of(1, "EUR"),
                "tok_ok",
                null,
                null,
                null,
                null));
    return ((Outcome.Done<Payment>) accepted).result().getId();
  }

  private boolean cancel(UUID payment) {
    return payments.cancel(payment) instanceof Outcome.Done<Payment>;
  }

  /** As recovery does, without the provider: what is final already is only asked for. */
  private boolean callAndApprove(UUID payment) {
    PaymentAttempts.Claimed claimed = attempts.claim(payment).orElseThrow();
    boolean sends = !claimed.needsQuery();
    ProviderResponse answer =
        sends
            ? new ProviderResponse.Approved("op_" + payment, false)
            : new ProviderResponse.NotFound();
    attempts.apply(payment, claimed.payment().attempts(), answer);
    return sends;
  }
}
