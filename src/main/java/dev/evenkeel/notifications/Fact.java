package dev.evenkeel.notifications;

import dev.evenkeel.accounts.AccountFrozen;
import dev.evenkeel.accounts.TransfersPosted;
import dev.evenkeel.money.Money;
import dev.evenkeel.payments.PaymentEvent;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a notification is made of: taken from an event, stored as it is, made a text when it is
 * read. So nothing in taking an event in can be slow or fail for a text's sake.
 *
 * @param event the event's id: it makes the fact recognisable when the event is delivered again
 * @param money null where none moved; of a reversal negative for who gives back
 * @param counterparty the name of the other account of a transfer
 * @param reason the code of a failure
 */
record Fact(
    UUID event,
    Type type,
    String owner,
    UUID account,
    String accountName,
    UUID subject,
    @Nullable Money money,
    @Nullable String counterparty,
    @Nullable String reason,
    Instant occurredAt) {

  enum Type {
    TRANSFER_SENT("transfer.sent", "transfer"),
    TRANSFER_RECEIVED("transfer.received", "transfer"),
    TRANSFER_REVERSED("transfer.reversed", "transfer"),
    PAYMENT_SUCCEEDED("payment.succeeded", "payment"),
    PAYMENT_FAILED("payment.failed", "payment"),
    PAYMENT_CANCELED("payment.canceled", "payment"),
    PAYMENT_RETURNED("payment.returned", "payment"),
    REFUND_SUCCEEDED("refund.succeeded", "refund"),
    REFUND_FAILED("refund.failed", "refund"),
    ACCOUNT_FROZEN("account.frozen", "account");

    private final String value;
    private final String subjectKind;

    Type(String value, String subjectKind) {
      this.value = value;
      this.subjectKind = subjectKind;
    }

    static Type of(String value) {
      return Stream.of(values()).filter(type -> type.value.equals(value)).findFirst().orElseThrow();
    }

    String value() {
      return value;
    }

    String subjectKind() {
      return subjectKind;
    }
  }

  /** Both sides are told, also where one owner has both. */
  static List<Fact> of(TransfersPosted event) {
    return event.transfers().stream()
        .flatMap(posted ->
            Stream.of(
                transfer(event, posted, Type.TRANSFER_SENT, posted.from(), posted.to()),
                transfer(event, posted, Type.TRANSFER_RECEIVED, posted.to(), posted.from())))
        .toList();
  }

  private static Fact transfer(
      TransfersPosted event,
      TransfersPosted.Posted posted,
      Type type,
      TransfersPosted.Party told,
      TransfersPosted.Party other) {
    boolean reversal = posted.reversalOf() != null;
    boolean sent = type == Type.TRANSFER_SENT;
    // What another owner calls an account is theirs, but for who sends money.
    boolean named = !sent && !reversal || told.owner().equals(other.owner());
    return new Fact(
        event.id(),
        reversal ? Type.TRANSFER_REVERSED : type,
        told.owner(),
        told.account(),
        told.name(),
        posted.transfer(),
        Money.of(reversal && sent ? -posted.amount() : posted.amount(), posted.currency()),
        named ? other.name() : null,
        null,
        event.at());
  }

  static Fact of(AccountFrozen event) {
    return new Fact(
        event.id(),
        Type.ACCOUNT_FROZEN,
        event.owner(),
        event.account(),
        event.accountName(),
        event.account(),
        null,
        null,
        null,
        event.at());
  }

  static Fact of(PaymentEvent event) {
    return switch (event) {
      case PaymentEvent.PaymentSucceeded it ->
          payment(it, it.details().payment(), Type.PAYMENT_SUCCEEDED, null);
      case PaymentEvent.PaymentFailed it ->
          payment(it, it.details().payment(), Type.PAYMENT_FAILED, it.code());
      case PaymentEvent.PaymentCanceled it ->
          payment(it, it.details().payment(), Type.PAYMENT_CANCELED, null);
      case PaymentEvent.PaymentReturned it ->
          payment(it, it.details().payment(), Type.PAYMENT_RETURNED, null);
      case PaymentEvent.RefundSucceeded it -> payment(it, it.refund(), Type.REFUND_SUCCEEDED, null);
      case PaymentEvent.RefundFailed it -> payment(it, it.refund(), Type.REFUND_FAILED, it.code());
    };
  }

  private static Fact payment(
      PaymentEvent event, UUID subject, Type type, @Nullable String reason) {
    PaymentEvent.Details details = event.details();
    return new Fact(
        event.id(),
        type,
        details.owner(),
        details.account(),
        details.accountName(),
        subject,
        Money.of(details.amount(), details.currency()),
        null,
        reason,
        details.at());
  }

  String title() {
    return switch (type) {
      case TRANSFER_SENT -> "Money sent";
      case TRANSFER_RECEIVED -> "Money received";
      case TRANSFER_REVERSED -> "Transfer reversed";
      case PAYMENT_SUCCEEDED -> "Payment succeeded";
      case PAYMENT_FAILED -> "Payment failed";
      case PAYMENT_CANCELED -> "Payment canceled";
      case PAYMENT_RETURNED -> "Payment returned";
      case REFUND_SUCCEEDED -> "Refund succeeded";
      case REFUND_FAILED -> "Refund failed";
      case ACCOUNT_FROZEN -> "Account frozen";
    };
  }

  String body() {
    return switch (type) {
      case TRANSFER_SENT ->
          counterparty == null
              ? "%s sent from %s".formatted(money, accountName)
              : "%s to %s".formatted(money, counterparty);
      case TRANSFER_RECEIVED -> "%s from %s".formatted(money, counterparty);
      case TRANSFER_REVERSED ->
          money != null && money.minorUnits() < 0
              ? "%s given back from %s".formatted(money.negated(), accountName)
              : "%s came back to %s".formatted(money, accountName);
      case PAYMENT_SUCCEEDED -> "%s paid in to %s".formatted(money, accountName);
      case PAYMENT_FAILED ->
          "%s could not be paid in to %s: %s".formatted(money, accountName, explained(reason));
      case PAYMENT_CANCELED -> "%s of %s was canceled".formatted(money, accountName);
      case PAYMENT_RETURNED -> "%s of %s was taken back".formatted(money, accountName);
      case REFUND_SUCCEEDED -> "%s refunded from %s".formatted(money, accountName);
      case REFUND_FAILED ->
          "%s could not be refunded from %s: %s".formatted(money, accountName, explained(reason));
      case ACCOUNT_FROZEN ->
          "%s is frozen: nothing can be started in or out of it".formatted(accountName);
    };
  }

  private static String explained(@Nullable String reason) {
    return switch (reason) {
      case "insufficient_funds" -> "insufficient funds";
      case "card_declined" -> "it was declined";
      case null, default -> "the payment provider rejected it";
    };
  }
}
