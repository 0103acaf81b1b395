package dev.evenkeel.notifications;

import dev.evenkeel.money.Money;
import org.jspecify.annotations.Nullable;

/** What a person reads of a fact. */
record NotificationText(String title, String body) {

  static NotificationText of(NotificationData fact) {
    String account = fact.accountName();
    Money signed = fact.money();
    Money money = signed == null || signed.minorUnits() >= 0 ? signed : signed.negated();
    boolean out = money != signed;
    String why = explained(fact.reason());
    return switch (fact.type()) {
      case TRANSFER_SENT ->
          fact.counterparty() == null
              ? new NotificationText("Money sent", "%s from %s".formatted(money, account))
              : new NotificationText(
                  "Money moved", "%s from %s to %s".formatted(money, account, fact.counterparty()));
      case TRANSFER_RECEIVED ->
          new NotificationText(
              "Money received", "%s from %s".formatted(money, fact.counterparty()));
      case TRANSFER_REVERSED ->
          new NotificationText(
              "Transfer reversed",
              (out ? "%s given back from %s" : "%s came back to %s").formatted(money, account));
      case PAYMENT_SUCCEEDED ->
          out
              ? new NotificationText("Paid out", "%s paid out from %s".formatted(money, account))
              : new NotificationText("Paid in", "%s paid in to %s".formatted(money, account));
      case PAYMENT_FAILED ->
          new NotificationText(
              out ? "Pay-out failed" : "Pay-in failed",
              (out ? "%s could not be paid out from %s: %s" : "%s could not be paid in to %s: %s")
                  .formatted(money, account, why));
      case PAYMENT_CANCELED ->
          new NotificationText(
              out ? "Pay-out canceled" : "Pay-in canceled",
              (out ? "%s will not be paid out from %s" : "%s will not be paid in to %s")
                  .formatted(money, account));
      case PAYMENT_RETURNED ->
          new NotificationText(
              out ? "Pay-out returned" : "Pay-in taken back",
              (out
                      ? "%s paid out from %s came back"
                      : "%s paid in to %s was taken back by the payment provider")
                  .formatted(money, account));
      case REFUND_SUCCEEDED ->
          new NotificationText("Refunded", "%s refunded from %s".formatted(money, account));
      case REFUND_FAILED ->
          new NotificationText(
              "Refund failed",
              "%s could not be refunded from %s: %s".formatted(money, account, why));
      case ACCOUNT_FROZEN ->
          new NotificationText(
              "Account frozen",
              "%s is frozen: nothing can be started in or out of it".formatted(account));
    };
  }

  /** Of a type for which there are no words here. */
  static NotificationText ofUnknown(String account) {
    return new NotificationText("Something happened", "It concerns %s".formatted(account));
  }

  private static String explained(@Nullable String reason) {
    return switch (reason) {
      case "insufficient_funds" -> "insufficient funds";
      case "card_declined" -> "it was declined";
      case "expired" -> "it could not be sent in time";
      case null, default -> "the payment provider rejected it";
    };
  }
}
