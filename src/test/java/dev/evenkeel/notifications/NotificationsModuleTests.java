package dev.evenkeel.notifications;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.database.Ids;
import dev.evenkeel.events.Outbox;
import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.IdempotencyKey;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.notifications.webhooks.WebhookProblem;
import dev.evenkeel.payments.PaymentEvent;
import dev.evenkeel.payments.PaymentId;
import dev.evenkeel.payments.PaymentKind;
import dev.evenkeel.problems.ProblemType;
import dev.testing.TestServices;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.modulith.test.ApplicationModuleTest;
import org.springframework.modulith.test.Scenario;

/** Bootstraps the module alone: events go in, a feed comes out. */
@ApplicationModuleTest
@Import(TestServices.class)
class NotificationsModuleTests {

  @Autowired Notifications notifications;
  @Autowired WebhookCreation webhookCreation;
  @Autowired Outbox outbox;
  @Autowired JdbcClient jdbc;

  private static PaymentEvent declined(String owner) {
    return failed(owner, "card_declined");
  }

  private static PaymentEvent failed(String owner, String reason) {
    return new PaymentEvent(
        UUID.randomUUID(),
        new PaymentId(UUID.randomUUID()),
        PaymentKind.PAY_IN,
        null,
        PaymentEvent.Type.FAILED,
        reason,
        new AccountId(UUID.randomUUID()),
        "Main",
        owner,
        500,
        "JPY",
        Instant.parse("2026-01-01T00:00:00Z"),
        null);
  }

  @Test
  void failedPaymentAppearsInTheFeed(Scenario scenario) {
    String owner = "ada-" + UUID.randomUUID();
    UUID before = Ids.next();
    PaymentEvent declined = declined(owner);

    scenario
        .stimulate(() -> outbox.publish(declined))
        .andWaitForStateChange(
            () -> notifications.feed(owner, null, Long.MAX_VALUE, 10), feed -> !feed.isEmpty())
        .andVerify(feed ->
            assertThat(feed)
                .extracting(Notification::body)
                .isEqualTo(List.of("¥500 could not be paid in to Main: it was declined")));
    assertThat(notifications.after(before, 1000))
        .extracting(Notification::subject)
        .contains(new Notification.Subject("payment", declined.payment().value()));
    assertThat(notifications.after(Ids.next(), 1000)).isEmpty();
    assertThat(notifications.lag()).isZero();
    assertThat(notifications.givenUp()).isZero();
  }

  /** It may repeat what was told before. */
  @Test
  void aDecisionIsNotListedForAllOwners(Scenario scenario) {
    String owner = "ada-" + UUID.randomUUID();
    UUID before = Ids.next();
    PaymentEvent decided = failed(owner, "decided");

    scenario
        .stimulate(() -> outbox.publish(decided))
        .andWaitForStateChange(
            () -> notifications.feed(owner, null, Long.MAX_VALUE, 10), feed -> !feed.isEmpty())
        .andVerify(_ ->
            assertThat(notifications.after(before, 1000))
                .extracting(it -> it.subject().id())
                .doesNotContain(decided.payment().value()));
  }

  @Test
  void listsTheNotificationsAboutAPayment(Scenario scenario) {
    String owner = "ada-" + UUID.randomUUID();
    UUID before = Ids.next();
    PaymentEvent one = declined(owner);

    scenario
        .stimulate(() -> {
          outbox.publish(declined(owner));
          outbox.publish(one);
        })
        .andWaitForStateChange(
            () -> notifications.feed(owner, null, Long.MAX_VALUE, 10), feed -> feed.size() == 2)
        .andVerify(_ -> {
          UUID payment = one.payment().value();
          assertThat(notifications.about(owner, List.of(payment), 10))
              .extracting(it -> it.subject().id())
              .containsExactly(payment);
          assertThat(notifications.about("bob", List.of(payment), 10)).isEmpty();
          assertThat(notifications.about(owner, List.of(payment), 0)).as("its limit").isEmpty();
          assertThat(notifications.after(before, 1)).as("its limit").hasSize(1);
        });
  }

  @Test
  void countsWhatWaitsAndWhatWasGivenUp() {
    store("clock_timestamp() + interval '1 h'");
    store("null");

    assertThat(notifications.lag()).isGreaterThanOrEqualTo(Duration.ofMinutes(1));
    assertThat(notifications.givenUp()).isOne();
    jdbc.sql("delete from shared.outbox where consumer = ?")
        .param(NotificationConsumer.NAME)
        .update();
  }

  private void store(String nextAttempt) {
    jdbc.sql(
            """
            insert into shared.outbox (id, consumer, type, event, published_at, next_attempt_at)
            values (uuidv7(), ?, 'a.Type', '{}', clock_timestamp() - interval '1 min', %s)
            """
                .formatted(nextAttempt))
        .param(NotificationConsumer.NAME)
        .update();
  }

  /** The default settings have no encryption key. */
  @Test
  void rejectsEndpointsWithoutEncryptionKey() {
    var request =
        new WebhookCreation.Request(
            new IdempotentRequest("ada", new IdempotencyKey("key"), Fingerprint.of("any")),
            true,
            "https://example.com",
            null);

    assertThat(webhookCreation.create(request))
        .isInstanceOfSatisfying(
            Outcome.Refused.class,
            refused ->
                assertThat(refused.problem().type())
                    .isEqualTo(WebhookProblem.WEBHOOKS_NOT_CONFIGURED)
                    .returns(ProblemType.Retry.NO, ProblemType::retry)
                    .returns(0, ProblemType::retryAfterSeconds));
  }
}
