package dev.evenkeel.notifications;

import dev.evenkeel.accounts.AccountFrozen;
import dev.evenkeel.accounts.TransfersPosted;
import dev.evenkeel.payments.PaymentEvent;
import org.springframework.stereotype.Component;
import org.springframework.transaction.event.TransactionalEventListener;

/**
 * Listens to the events that owners are notified about. Spring Modulith stores an event only if it
 * has a listener. A listener runs after the commit, on the committing thread, while that still
 * holds its connection. Therefore it does nothing but wake the worker, which reads the stored
 * events.
 */
@Component
class NotificationsListener {

  /** Prefix of the listeners' ids. It is stored with the events, so it must not change. */
  static final String ID_PREFIX = "notifications.";

  private final NotificationWorker worker;

  NotificationsListener(NotificationWorker worker) {
    this.worker = worker;
  }

  @TransactionalEventListener(id = ID_PREFIX + "transfers-posted")
  public void on(TransfersPosted event) {
    worker.wake();
  }

  @TransactionalEventListener(id = ID_PREFIX + "payment")
  public void on(PaymentEvent event) {
    worker.wake();
  }

  @TransactionalEventListener(id = ID_PREFIX + "account-frozen")
  public void on(AccountFrozen event) {
    worker.wake();
  }
}
