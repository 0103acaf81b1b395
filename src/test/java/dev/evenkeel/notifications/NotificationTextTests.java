package dev.evenkeel.notifications;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.evenkeel.accounts.AccountFrozen;
import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.TransferId;
import dev.evenkeel.accounts.TransfersPosted;
import dev.evenkeel.payments.PaymentEvent;
import dev.evenkeel.payments.PaymentId;
import dev.evenkeel.payments.PaymentKind;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The texts that people read. */
class NotificationTextTests {

  private static final String UNPLACED = "Main cannot take it; we are looking into it";
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final UUID ID = UUID.randomUUID();
  private static final TransferId TRANSFER = new TransferId(ID);
  private static final AccountId ACCOUNT = new AccountId(ID);
  private static final TransfersPosted.Party SAVINGS = party("ada", "Ada's savings");
  private static final TransfersPosted.Party HOLIDAY = party("ada", "Ada's holiday");
  private static final TransfersPosted.Party BOB = party("bob", "Bob's secret");

  private static TransfersPosted.Party party(String owner, String name) {
    return new TransfersPosted.Party(new AccountId(UUID.randomUUID()), owner, name);
  }

  private static TransfersPosted transfer(
      TransfersPosted.Party from, TransfersPosted.Party to, @Nullable TransferId reversalOf) {
    var transfer = new TransfersPosted.Posted(TRANSFER, from, to, 1250, "EUR", reversalOf);
    return new TransfersPosted(ID, List.of(transfer), NOW, null);
  }

  private static List<String> bodies(Object event) {
    return NotificationData.of(event).stream()
        .map(data -> NotificationText.of(data).body())
        .toList();
  }

  /** The sender does not learn what another owner calls the account. */
  @ParameterizedTest
  @MethodSource
  void transferReadsDifferentlyOnEachSide(TransfersPosted event, String first, String second) {
    assertThat(bodies(event)).containsExactly(first, second);
  }

  static Stream<Arguments> transferReadsDifferentlyOnEachSide() {
    return Stream.of(
        arguments(
            transfer(SAVINGS, BOB, null), "€12.50 from Ada's savings", "€12.50 from Ada's savings"),
        arguments(
            transfer(SAVINGS, HOLIDAY, null),
            "€12.50 from Ada's savings to Ada's holiday",
            "€12.50 from Ada's savings"),
        arguments(
            transfer(BOB, SAVINGS, TRANSFER),
            "€12.50 given back from Bob's secret",
            "€12.50 came back to Ada's savings"));
  }

  private static final String REJECTED =
      "€12.50 could not be refunded from Main: the payment provider rejected it";

  @ParameterizedTest
  @CsvSource({
    "PAY_IN, SUCCEEDED, , 1250, EUR, €12.50 paid in to Main",
    "PAY_IN, SUCCEEDED, unplaced, 1250, EUR, '€12.50 was paid in, but " + UNPLACED + "'",
    "PAY_OUT, RETURNED, unplaced, 1250, EUR, '€12.50 came back, but " + UNPLACED + "'",
    "PAY_IN, SUCCEEDED, , 500, JPY, ¥500 paid in to Main",
    "PAY_IN, SUCCEEDED, , 1250, KWD, 1.250 KWD paid in to Main",
    "PAY_IN, FAILED, insufficient_funds, 1250, EUR,"
        + " €12.50 could not be paid in to Main: insufficient funds",
    "PAY_IN, FAILED, authentication_failed, 1250, EUR,"
        + " €12.50 could not be paid in to Main: it was not confirmed",
    "PAY_IN, CANCELED, , 1250, EUR, €12.50 will not be paid in to Main",
    "PAY_IN, RETURNED, , 1250, EUR,"
        + " €12.50 paid in to Main was taken back by the payment provider",
    "PAY_IN, RETURNED, decided, 1250, EUR,"
        + " €12.50 paid in to Main was taken back as a correction",
    "REFUND, RETURNED, decided, 1250, EUR,"
        + " €12.50 could not be refunded from Main: this is a correction",
    "PAY_IN, REINSTATED, , 1250, EUR, €12.50 that was taken back is in Main again",
    "PAY_OUT, REINSTATED, , 1250, EUR, €12.50 that came back is paid out from Main after all",
    "REFUND, SUCCEEDED, , 1250, EUR, €12.50 refunded from Main",
    "REFUND, FAILED, , 1250, EUR, " + REJECTED,
    "REFUND, FAILED, payment_returned, 1250, EUR,"
        + " €12.50 could not be refunded from Main: the payment itself was taken back",
    "REFUND, RETURNED, , 1250, EUR, €12.50 could not be refunded from Main: it came back",
    "REFUND, RETURNED, unplaced, 1250, EUR, '€12.50 could not be refunded, and " + UNPLACED + "'",
    "PAY_IN, REINSTATED, unplaced, 1250, EUR,"
        + " '€12.50 was taken back and came again, but "
        + UNPLACED
        + "'",
    "REFUND, REINSTATED, , 1250, EUR, €12.50 refunded from Main"
  })
  void paymentReadsAsItsStatus(
      PaymentKind kind,
      PaymentEvent.Type type,
      @Nullable String failure,
      long amount,
      String currency,
      String body) {
    assertThat(
            bodies(
                new PaymentEvent(
                    ID,
                    new PaymentId(ID),
                    kind,
                    null,
                    type,
                    failure,
                    ACCOUNT,
                    "Main",
                    "ada",
                    amount,
                    currency,
                    NOW,
                    null)))
        .containsExactly(body);
  }

  @Test
  void frozenAccountReadsAsWhatThatMeans() {
    assertThat(bodies(new AccountFrozen(ID, ACCOUNT, "Main", "ada", NOW, null)))
        .containsExactly("Main is frozen: no new payment or transfer is possible");
  }
}
