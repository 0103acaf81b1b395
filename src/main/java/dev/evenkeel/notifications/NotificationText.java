package dev.evenkeel.notifications;

import dev.evenkeel.money.Money;
import org.jspecify.annotations.Nullable;

/** The title and body of a notification, for people. */
record NotificationText(String title, String body) {

  private static final String UNPLACED = "%s cannot take it; we are looking into it";

  static NotificationText of(NotificationData data) {
    String account = data.accountName();
    Money signed = data.money();
    Money money = signed == null || signed.minorUnits() >= 0 ? signed : signed.negated();
    boolean outgoing = money != signed;
    String reason = explain(data.reason());
    boolean unplaced = "unplaced".equals(data.reason());
    return switch (data.type()) {
      case TRANSFER_SENT ->
          data.counterparty() == null
              ? new NotificationText("Money sent", "%s from %s".formatted(money, account))
              : new NotificationText(
                  "Money moved", "%s from %s to %s".formatted(money, account, data.counterparty()));
      case TRANSFER_RECEIVED ->
          new NotificationText(
              "Money received", "%s from %s".formatted(money, data.counterparty()));
      case TRANSFER_REVERSED ->
          new NotificationText(
              "Transfer reversed",
              (outgoing ? "%s given back from %s" : "%s came back to %s")
                  .formatted(money, account));
      case PAYMENT_SUCCEEDED ->
          outgoing
              ? new NotificationText("Paid out", "%s paid out from %s".formatted(money, account))
              : new NotificationText(
                  "Paid in",
                  (unplaced ? "%s was paid in, but " + UNPLACED : "%s paid in to %s")
                      .formatted(money, account));
      case PAYMENT_FAILED ->
          new NotificationText(
              outgoing ? "Pay-out failed" : "Pay-in failed",
              (outgoing
                      ? "%s could not be paid out from %s: %s"
                      : "%s could not be paid in to %s: %s")
                  .formatted(money, account, reason));
      case PAYMENT_CANCELED ->
          new NotificationText(
              outgoing ? "Pay-out canceled" : "Pay-in canceled",
              (outgoing ? "%s will not be paid out from %s" : "%s will not be paid in to %s")
                  .formatted(money, account));
      case PAYMENT_RETURNED ->
          new NotificationText(
              outgoing ? "Pay-out returned" : "Pay-in taken back",
              (outgoing
                      ? unplaced ? "%s came back, but " + UNPLACED : "%s paid out from %s came back"
                      : "decided".equals(data.reason())
                          ? "%s paid in to %s was taken back as a correction"
                          : "%s paid in to %s was taken back by the payment provider")
                  .formatted(money, account));
      case PAYMENT_REINSTATED ->
          new NotificationText(
              outgoing ? "Pay-out carried out after all" : "Pay-in reinstated",
              (outgoing
                      ? "%s that came back is paid out from %s after all"
                      : unplaced
                          ? "%s was taken back and came again, but " + UNPLACED
                          : "%s that was taken back is in %s again")
                  .formatted(money, account));
      case REFUND_SUCCEEDED ->
          new NotificationText("Refunded", "%s refunded from %s".formatted(money, account));
      case REFUND_FAILED ->
          new NotificationText(
              "Refund failed",
              (unplaced
                      ? "%s could not be refunded, and " + UNPLACED
                      : "%s could not be refunded from %s: %s")
                  .formatted(money, account, reason));
      case ACCOUNT_FROZEN ->
          new NotificationText(
              "Account frozen",
              "%s is frozen: no new payment or transfer is possible".formatted(account));
    };
  }

  /** The text for a type that only a newer version of the application knows. */
  static NotificationText ofUnknown(String account) {
    return new NotificationText("Something happened", "It concerns %s".formatted(account));
  }

  private static String explain(@Nullable String reason) {
    return switch (reason) {
      case "insufficient_funds" -> "insufficient funds";
      case "card_declined" -> "it was declined";
      case "authentication_failed" -> "it was not confirmed";
      case "expired" -> "it was not completed in time";
      case "returned" -> "it came back";
      case "decided" -> "this is a correction";
      case "payment_returned" -> "the payment itself was taken back";
      case null, default -> "the payment provider rejected it";
    };
  }
}
