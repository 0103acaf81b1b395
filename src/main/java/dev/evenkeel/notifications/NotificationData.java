package dev.evenkeel.notifications;

import dev.evenkeel.accounts.AccountFrozen;
import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.TransfersPosted;
import dev.evenkeel.money.Money;
import dev.evenkeel.observability.TracePropagation;
import dev.evenkeel.payments.PaymentEvent;
import dev.evenkeel.payments.PaymentKind;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The data of a notification, taken from an event and stored. Its text is rendered when it is read,
 * so that no text can slow down or fail the processing of an event.
 *
 * @param money negative if it leaves the account or was meant to; null if no money is involved
 * @param counterparty the name of a transfer's other account
 * @param reason a failure's code, or {@code unplaced}
 * @param traceparent the trace of the request that caused it, if it is sampled; transfers have
 *     none, to keep their rows small
 */
record NotificationData(
    Type type,
    String owner,
    AccountId account,
    String accountName,
    UUID subject,
    @Nullable Money money,
    @Nullable String counterparty,
    @Nullable String reason,
    @Nullable String traceparent) {

  /** The type of a notification. The word before the dot is the kind of the subject. */
  enum Type {
    TRANSFER_SENT("transfer.sent"),
    TRANSFER_RECEIVED("transfer.received"),
    TRANSFER_REVERSED("transfer.reversed"),
    PAYMENT_SUCCEEDED("payment.succeeded"),
    PAYMENT_FAILED("payment.failed"),
    PAYMENT_CANCELED("payment.canceled"),
    PAYMENT_RETURNED("payment.returned"),
    PAYMENT_REINSTATED("payment.reinstated"),
    REFUND_SUCCEEDED("refund.succeeded"),
    REFUND_FAILED("refund.failed"),
    ACCOUNT_FROZEN("account.frozen");

    private final String value;

    Type(String value) {
      this.value = value;
    }

    /** Finds a type by its value; empty for a type of a newer version running beside this one. */
    static Optional<Type> of(String value) {
      return Stream.of(values()).filter(type -> type.value.equals(value)).findFirst();
    }

    String value() {
      return value;
    }
  }

  /**
   * Returns the notifications that an event gives rise to.
   *
   * @param event an event of a type that {@link NotificationConsumer} takes
   * @throws IllegalArgumentException for any other event
   */
  static List<NotificationData> of(Object event) {
    return switch (event) {
      case TransfersPosted posted -> of(posted);
      case PaymentEvent payment -> List.of(of(payment));
      case AccountFrozen frozen -> List.of(of(frozen));
      default -> throw new IllegalArgumentException("no notifications for " + event.getClass());
    };
  }

  /** Both sides of a transfer are notified, even if both belong to one owner. */
  private static List<NotificationData> of(TransfersPosted event) {
    return event.transfers().stream()
        .flatMap(posted ->
            Stream.of(
                transfer(posted, Type.TRANSFER_SENT, posted.from(), posted.to()),
                transfer(posted, Type.TRANSFER_RECEIVED, posted.to(), posted.from())))
        .toList();
  }

  private static NotificationData transfer(
      TransfersPosted.Posted posted,
      Type type,
      TransfersPosted.Party notified,
      TransfersPosted.Party other) {
    boolean reversal = posted.reversalOf() != null;
    boolean sent = type == Type.TRANSFER_SENT;
    // The name of another owner's account is private. Only the receiver learns the sender's.
    boolean showOther = !sent && !reversal || notified.owner().equals(other.owner());
    return new NotificationData(
        reversal ? Type.TRANSFER_REVERSED : type,
        notified.owner(),
        notified.account(),
        notified.name(),
        posted.transfer().value(),
        Money.of(sent ? -posted.amount() : posted.amount(), posted.currency()),
        showOther ? other.name() : null,
        null,
        null);
  }

  private static NotificationData of(AccountFrozen event) {
    return new NotificationData(
        Type.ACCOUNT_FROZEN,
        event.owner(),
        event.account(),
        event.accountName(),
        event.account().value(),
        null,
        null,
        null,
        TracePropagation.ifSampled(event.traceparent()));
  }

  private static NotificationData of(PaymentEvent event) {
    Money money = Money.of(event.amount(), event.currency());
    boolean returnedRefund =
        event.kind() == PaymentKind.REFUND && event.type() == PaymentEvent.Type.RETURNED;
    String reason = event.failureCode();
    return new NotificationData(
        type(event),
        event.owner(),
        event.account(),
        event.accountName(),
        event.payment().value(),
        event.kind() == PaymentKind.PAY_OUT ? money.negated() : money,
        null,
        reason == null && returnedRefund ? "returned" : reason,
        TracePropagation.ifSampled(event.traceparent()));
  }

  /** A refund that the provider returned has failed, from its owner's view. */
  private static Type type(PaymentEvent event) {
    boolean refund = event.kind() == PaymentKind.REFUND;
    return switch (event.type()) {
      case SUCCEEDED -> refund ? Type.REFUND_SUCCEEDED : Type.PAYMENT_SUCCEEDED;
      case FAILED -> refund ? Type.REFUND_FAILED : Type.PAYMENT_FAILED;
      case CANCELED -> refund ? Type.REFUND_FAILED : Type.PAYMENT_CANCELED;
      case RETURNED -> refund ? Type.REFUND_FAILED : Type.PAYMENT_RETURNED;
      case REINSTATED -> refund ? Type.REFUND_SUCCEEDED : Type.PAYMENT_REINSTATED;
    };
  }
}
