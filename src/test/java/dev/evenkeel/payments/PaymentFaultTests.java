package dev.evenkeel.payments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.testing.Api;
import dev.testing.WholeApplication;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the provider does: one payment, one charge, one posting, one notification. */
@WholeApplication
class PaymentFaultTests extends PaymentFixture {

  @ParameterizedTest
  @ValueSource(strings = {"hang", "down", "error500", "error503", "error429"})
  void whatTheProviderDidNotDoIsDoneOnceItIsBack(String fault) {
    Api.Answer accepted = acceptedDuring(fault);
    assertThat(accepted.at("/status")).isEqualTo("processing");
    assertThat(simulator.operations(accepted.id())).isEmpty();
    assertThat(api.posted(account)).isZero();

    simulator.heal();

    assertPaidOnce(accepted.id(), 1250);
  }

  @ParameterizedTest
  @ValueSource(strings = {"lost_answer", "truncated", "garbage", "dribble"})
  void whatTheProviderDidWithoutSayingSoIsNotDoneAgain(String fault) {
    Api.Answer accepted = acceptedDuring(fault);
    assertThat(accepted.at("/status")).isEqualTo("processing");
    assertThat(simulator.operations(accepted.id())).hasSize(1);

    simulator.heal();

    assertPaidOnce(accepted.id(), 1250);
    assertThat(simulator.received(accepted.id())).as("asked for, not sent again").isEqualTo(1);
  }

  @Test
  void neverSeenProvesNothingWhileTheFirstRequestIsOnItsWay() {
    simulator.misbehave(Map.of("mode", "late", "latencyMs", 5000, "remaining", 1));

    Api.Answer accepted = api.payIn(account, 1250, "tok_ok");

    assertThat(accepted.status()).isEqualTo(202);
    UUID id = accepted.id();
    assertThat(new Api(provider.port(), "nobody").get("/operations/" + id).status())
        .as("never seen")
        .isEqualTo(404);
    awaitStatus(id, "succeeded");
    assertThat(simulator.received(id)).as("the same key and body again").isEqualTo(2);
    // The first request arrives now.
    Instant arrival = Instant.parse(accepted.at("/createdAt")).plusSeconds(6);
    await().atMost(LONG).until(() -> Instant.now().isAfter(arrival));
    assertPaidOnce(id, 1250);
  }

  @Test
  void anAnswerBeyondTheDeadlineComesByAsking() {
    simulator.misbehave(Map.of("mode", "slow", "latencyMs", 1900, "remaining", 1));

    Api.Answer accepted = api.payIn(account, 1250, "tok_ok");

    assertThat(accepted.status()).isEqualTo(202);
    assertPaidOnce(accepted.id(), 1250);
  }

  @Test
  void anAnswerWithinTheDeadlineIsFinal() {
    simulator.misbehave(Map.of("mode", "slow", "latencyMs", 300, "remaining", 1));

    Api.Answer payment = api.payIn(account, 1250, "tok_ok");

    assertThat(payment.status()).isEqualTo(201);
    assertThat(simulator.received(payment.id())).isEqualTo(1);
    assertPaidOnce(payment.id(), 1250);
  }

  @Test
  void whatWasNeverSentIsPendingAndSentWhenTheProviderIsBack() throws IOException {
    try (Socket connection = new Socket(InetAddress.getLoopbackAddress(), provider.port())) {
      connection.setSoTimeout(5000);
      simulator.misbehave(Map.of("mode", "refuse", "latencyMs", 4000));
      // Open connections are closed a moment later; what meets such an end may have been sent.
      assertThat(connection.getInputStream().read()).isEqualTo(-1);
    }

    Api.Answer accepted = api.payIn(account, 1250, "tok_ok");

    assertThat(accepted.status()).as(accepted.toString()).isEqualTo(202);
    assertThat(accepted.at("/status")).isEqualTo("pending");
    awaitStatus(accepted.id(), "succeeded");
    assertThat(simulator.received(accepted.id())).isEqualTo(1);
    assertPaidOnce(accepted.id(), 1250);
  }

  @Test
  void aDeclinedPaymentExistsAndHasFailed() {
    Api.Answer declined = api.payIn(account, 1250, "tok_declined");

    assertThat(declined.status()).isEqualTo(201);
    assertThat(declined.at("/status")).isEqualTo("failed");
    assertThat(declined.at("/failure/code")).isEqualTo("card_declined");
    assertThat(api.posted(account)).isZero();
    assertToldOnce(declined.id(), "payment.failed");
  }

  @Test
  void aDeclineForInsufficientFundsSaysSo() {
    Api.Answer declined = api.payIn(account, 1250, "tok_insufficient");

    assertThat(declined.status()).isEqualTo(201);
    assertThat(declined.at("/failure/code")).isEqualTo("insufficient_funds");
  }

  @Test
  void whatTheProviderDecidesLaterIsAcceptedAtOnce() {
    Api.Answer accepted = api.payIn(account, 1250, "tok_async");

    assertThat(accepted.status()).isEqualTo(202);
    assertThat(accepted.at("/status")).isEqualTo("processing");
    assertPaidOnce(accepted.id(), 1250);
    assertThat(simulator.received(accepted.id())).isEqualTo(1);
  }
}
