package dev.evenkeel.notifications;

import dev.evenkeel.accounts.AccountFrozen;
import dev.evenkeel.accounts.TransfersPosted;
import dev.evenkeel.money.Money;
import dev.evenkeel.payments.PaymentFailed;
import dev.evenkeel.payments.PaymentSucceeded;
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

  static Fact of(PaymentSucceeded event) {
    return new Fact(
        event.id(),
        Type.PAYMENT_SUCCEEDED,
        event.owner(),
        event.account(),
        event.accountName(),
        event.payment(),
        Money.of(event.amount(), event.currency()),
        null,
        null,
        event.at());
  }

  static Fact of(PaymentFailed event) {
    return new Fact(
        event.id(),
        Type.PAYMENT_FAILED,
        event.owner(),
        event.account(),
        event.accountName(),
        event.payment(),
        Money.of(event.amount(), event.currency()),
        null,
        event.code(),
        event.at());
  }

  String title() {
    return switch (type) {
      case TRANSFER_SENT -> "Money sent";
      case TRANSFER_RECEIVED -> "Money received";
      case TRANSFER_REVERSED -> "Transfer reversed";
      case PAYMENT_SUCCEEDED -> "Payment succeeded";
      case PAYMENT_FAILED -> "Payment failed";
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
