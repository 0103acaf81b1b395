package dev.evenkeel.notifications;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.accounts.AccountId;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ToldOnceTests {

  private final ToldOnce toldOnce = new ToldOnce();
  private final UUID payment = UUID.randomUUID();

  private Notification about(String type) {
    return about(type, payment);
  }

  private static Notification about(String type, UUID subject) {
    return new Notification(
        UUID.randomUUID(),
        1,
        new AccountId(UUID.randomUUID()),
        type,
        "title",
        "body",
        new Notification.Subject("payment", subject),
        Instant.EPOCH,
        null);
  }

  @Test
  void noticesAnOutcomeToldTwice() {
    toldOnce.see(about("payment.succeeded"));
    assertThat(toldOnce.repeated()).isZero();

    toldOnce.see(about("payment.succeeded"));

    assertThat(toldOnce.repeated()).isOne();
  }

  @Test
  void mayReadANotificationAgain() {
    Notification notification = about("payment.succeeded");

    toldOnce.see(notification);
    toldOnce.see(notification);

    assertThat(toldOnce.repeated()).isZero();
    assertThat(toldOnce.outcomes()).isOne();
  }

  @Test
  void remembersOnlyTheLatestOutcomes() {
    toldOnce.see(about("payment.succeeded"));
    for (int i = 0; i < ToldOnce.MEMORY; i++) {
      toldOnce.see(about("payment.succeeded", UUID.randomUUID()));
    }

    toldOnce.see(about("payment.succeeded"));

    assertThat(toldOnce.repeated()).isZero();
  }

  @Test
  void aPaymentMayBeReturnedInParts() {
    toldOnce.see(about("payment.returned"));
    toldOnce.see(about("payment.returned"));

    assertThat(toldOnce.repeated()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"refund.succeeded", "refund.failed"})
  void aRefundMaySucceedAgainAndFailInParts(String type) {
    toldOnce.see(about(type));
    toldOnce.see(about(type));

    assertThat(toldOnce.repeated()).isZero();
  }
}
