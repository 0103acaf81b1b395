package dev.planted.payments;

import dev.evenkeel.events.EventConsumer;
import dev.paymentprovider.PaymentProvider;
import dev.planted.accounts.AccountOpened;
import java.util.List;
import java.util.Set;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.transaction.event.TransactionalEventListener;

/**
 * Knows the stand-in for the provider, consumes an event with entities, and uses events of Spring,
 * which are not stored.
 */
record Checkout(PaymentProvider provider, ApplicationEventPublisher publisher)
    implements EventConsumer {

  @Override
  public String name() {
    return "checkout";
  }

  @Override
  public Set<Class<?>> types() {
    return Set.of(AccountOpened.class);
  }

  @Override
  public void consume(List<Object> events) {
    events.forEach(publisher::publishEvent);
  }

  @TransactionalEventListener
  void on(AccountOpened event) {
    publisher.publishEvent(event);
  }
}
