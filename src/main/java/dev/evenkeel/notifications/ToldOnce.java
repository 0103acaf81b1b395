package dev.evenkeel.notifications;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Looks for owners who were told the outcome of a payment twice, among the latest notifications of
 * {@link Notifications#after}. It may see a notification any number of times.
 */
public final class ToldOnce {

  static final int MEMORY = 10_000;

  /**
   * Whatever else is told may happen several times: a refund fails in parts, and succeeds again.
   */
  private static final Set<String> OUTCOMES =
      Set.of("payment.succeeded", "payment.failed", "payment.canceled");

  private record Outcome(UUID subject, String type) {}

  private final Map<Outcome, UUID> told =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Outcome, UUID> eldest) {
          return size() > MEMORY;
        }
      };

  private long outcomes;
  private long repeated;

  public void see(Notification notification) {
    if (OUTCOMES.contains(notification.type())) {
      Outcome outcome = new Outcome(notification.subject().id(), notification.type());
      UUID first = told.putIfAbsent(outcome, notification.id());
      if (first == null) {
        outcomes++;
      } else if (!first.equals(notification.id())) {
        repeated++;
      }
    }
  }

  /** How many outcomes were told. */
  public long outcomes() {
    return outcomes;
  }

  /** How often one was told again; not zero once it was. */
  public long repeated() {
    return repeated;
  }
}
