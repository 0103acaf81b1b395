package dev.evenkeel.notifications;

import dev.evenkeel.accounts.AccountFrozen;
import dev.evenkeel.accounts.TransfersPosted;
import dev.evenkeel.payments.PaymentEvent;
import dev.evenkeel.platform.LaterWork;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.scheduling.annotation.Async;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.event.TransactionalEventListener;

/**
 * The one listener of the system: takes events in, after the commit of what they tell, and writes
 * down what is to be told. It renders nothing and calls nobody. An event may come again; the feed
 * recognises it.
 */
@Component
class NotificationsListener {

  private final Feed feed;
  private final LaterWork later;

  NotificationsListener(Feed feed, LaterWork later) {
    this.feed = feed;
    this.later = later;
  }

  @Async(NotificationsConfiguration.EXECUTOR)
  @Transactional(propagation = Propagation.REQUIRES_NEW)
  @TransactionalEventListener(id = "notifications.transfers-posted")
  public void on(TransfersPosted event) {
    append(event.traceparent(), Fact.of(event));
  }

  @Async(NotificationsConfiguration.EXECUTOR)
  @Transactional(propagation = Propagation.REQUIRES_NEW)
  @TransactionalEventListener(id = "notifications.payment")
  public void on(PaymentEvent event) {
    append(event.details().traceparent(), List.of(Fact.of(event)));
  }

  @Async(NotificationsConfiguration.EXECUTOR)
  @Transactional(propagation = Propagation.REQUIRES_NEW)
  @TransactionalEventListener(id = "notifications.account-frozen")
  public void on(AccountFrozen event) {
    append(event.traceparent(), List.of(Fact.of(event)));
  }

  private void append(@Nullable String traceparent, List<Fact> facts) {
    later.run("notifications.append", traceparent, () -> feed.append(facts));
  }
}
