package dev.evenkeel.notifications;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.accounts.AccountFrozen;
import dev.evenkeel.accounts.TransfersPosted;
import dev.evenkeel.payments.PaymentEvent;
import dev.evenkeel.payments.PaymentKind;
import dev.evenkeel.payments.PaymentStatus;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What people read. */
class NotificationTextTests {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  final UUID id = UUID.randomUUID();
  final TransfersPosted.Party savings = party("ada", "Ada's savings");
  final TransfersPosted.Party holiday = party("ada", "Ada's holiday");
  final TransfersPosted.Party bob = party("bob", "Bob's secret");

  private static TransfersPosted.Party party(String owner, String name) {
    return new TransfersPosted.Party(UUID.randomUUID(), owner, name);
  }

  private List<String> told(
      TransfersPosted.Party from, TransfersPosted.Party to, @Nullable UUID reversalOf) {
    var transfer = new TransfersPosted.Posted(id, from, to, 1250, "EUR", reversalOf);
    return bodies(new TransfersPosted(id, List.of(transfer), NOW, null));
  }

  private static List<String> bodies(Object event) {
    return NotificationData.of(event).stream()
        .map(fact -> NotificationText.of(fact).body())
        .toList();
  }

  private String told(PaymentKind kind, PaymentStatus status, @Nullable String failure) {
    return told(kind, status, failure, 1250, "EUR");
  }

  private String told(
      PaymentKind kind,
      PaymentStatus status,
      @Nullable String failure,
      long amount,
      String currency) {
    return told(
        new PaymentEvent(
            id, id, kind, null, status, failure, id, "Main", "ada", amount, currency, NOW, null));
  }

  private static String told(PaymentEvent event) {
    return NotificationText.of(NotificationData.of(event).getFirst()).body();
  }

  @Test
  void whoReceivesMoneyLearnsWhereItCameFrom() {
    assertThat(told(savings, bob, null))
        .containsExactly("€12.50 from Ada's savings", "€12.50 from Ada's savings")
        .as("who sends it does not learn what another owner calls the account")
        .noneMatch(body -> body.contains("secret"));
  }

  @Test
  void whoMovesMoneyBetweenOwnAccountsReadsBoth() {
    assertThat(told(savings, holiday, null))
        .containsExactly("€12.50 from Ada's savings to Ada's holiday", "€12.50 from Ada's savings");
  }

  @Test
  void aReversalReadsDifferentlyOnEachSide() {
    assertThat(told(bob, savings, UUID.randomUUID()))
        .containsExactly(
            "€12.50 given back from Bob's secret", "€12.50 came back to Ada's savings");
  }

  @Test
  void aPaymentReadsAsWhatBecameOfIt() {
    assertThat(told(PaymentKind.PAY_IN, PaymentStatus.SUCCEEDED, null))
        .isEqualTo("€12.50 paid in to Main");
    assertThat(told(PaymentKind.PAY_IN, PaymentStatus.FAILED, "insufficient_funds"))
        .isEqualTo("€12.50 could not be paid in to Main: insufficient funds");
    assertThat(told(PaymentKind.PAY_IN, PaymentStatus.CANCELED, null))
        .isEqualTo("€12.50 will not be paid in to Main");
    assertThat(told(PaymentKind.PAY_IN, PaymentStatus.RETURNED, null))
        .isEqualTo("€12.50 paid in to Main was taken back by the payment provider");
    assertThat(told(PaymentKind.REFUND, PaymentStatus.SUCCEEDED, null))
        .isEqualTo("€12.50 refunded from Main");
    for (PaymentStatus status : List.of(PaymentStatus.FAILED, PaymentStatus.RETURNED)) {
      assertThat(told(PaymentKind.REFUND, status, null))
          .isEqualTo("€12.50 could not be refunded from Main: the payment provider rejected it");
    }
  }

  @Test
  void anAmountHasTheDecimalsOfItsCurrency() {
    assertThat(told(PaymentKind.PAY_IN, PaymentStatus.SUCCEEDED, null, 500, "JPY"))
        .isEqualTo("¥500 paid in to Main");
    assertThat(told(PaymentKind.PAY_IN, PaymentStatus.SUCCEEDED, null, 1250, "KWD"))
        .isEqualTo("1.250 KWD paid in to Main");
  }

  @Test
  void whoseAccountIsFrozenReadsWhatThatMeans() {
    assertThat(bodies(new AccountFrozen(id, id, "Main", "ada", NOW, null)))
        .containsExactly("Main is frozen: nothing can be started in or out of it");
  }
}
