package dev.evenkeel.notifications;

import dev.evenkeel.accounts.AccountFrozen;
import dev.evenkeel.accounts.TransfersPosted;
import dev.evenkeel.events.EventConsumer;
import dev.evenkeel.observability.TracePropagation;
import dev.evenkeel.payments.PaymentEvent;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Turns events into notifications. It renders no text and calls no other system, so that nothing in
 * it is slow.
 */
@Component
class NotificationConsumer implements EventConsumer {

  static final String NAME = "notifications";

  private static final String SPAN = "notifications.append";

  private final Feed feed;
  private final TracePropagation traces;

  NotificationConsumer(Feed feed, TracePropagation traces) {
    this.feed = feed;
    this.traces = traces;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Set<Class<?>> types() {
    return Set.of(TransfersPosted.class, PaymentEvent.class, AccountFrozen.class);
  }

  @Override
  public void consume(List<Object> events) {
    List<@Nullable String> requests =
        events.stream().<@Nullable String>map(NotificationConsumer::traceparent).toList();
    Runnable append =
        () ->
            feed.append(
                events.stream().flatMap(event -> NotificationData.of(event).stream()).toList());
    if (events.size() == 1) {
      traces.run(SPAN, requests.getFirst(), append);
    } else {
      traces.runTogether(SPAN, requests, append);
    }
  }

  private static @Nullable String traceparent(Object event) {
    return switch (event) {
      case TransfersPosted posted -> posted.traceparent();
      case PaymentEvent payment -> payment.traceparent();
      case AccountFrozen frozen -> frozen.traceparent();
      default -> null;
    };
  }
}
