package dev.evenkeel.notifications;

import dev.evenkeel.accounts.AccountFrozen;
import dev.evenkeel.accounts.TransfersPosted;
import dev.evenkeel.payments.PaymentEvent;
import org.springframework.stereotype.Component;
import org.springframework.transaction.event.TransactionalEventListener;

/**
 * The one listener of the system: because of it, these events are stored when they are published.
 * It runs after the commit, on the thread that committed and while that still holds its connection;
 * so all it does is to say that there is something to take in.
 */
@Component
class NotificationsListener {

  /** How the ids begin. They are stored with the events, so they stay. */
  static final String ID = "notifications.";

  private final NotificationWorker intake;

  NotificationsListener(NotificationWorker intake) {
    this.intake = intake;
  }

  @TransactionalEventListener(id = ID + "transfers-posted")
  public void on(TransfersPosted event) {
    intake.wake();
  }

  @TransactionalEventListener(id = ID + "payment")
  public void on(PaymentEvent event) {
    intake.wake();
  }

  @TransactionalEventListener(id = ID + "account-frozen")
  public void on(AccountFrozen event) {
    intake.wake();
  }
}
