package dev.paymentprovider;

import dev.paymentprovider.Fault.Mode;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Tells the target that an operation changed, on threads of its own. It tries a few times and then
 * gives up: these are hints, and what isn't delivered when the provider stops is lost. Without a
 * target it stays silent.
 */
final class Webhooks implements Closeable {

  private record Message(String type, Map<String, String> data) {}

  private record Hint(String id, String body) {}

  private static final Logger LOG = System.getLogger(Webhooks.class.getName());
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final Duration HELD_BACK = Duration.ofSeconds(2);
  private static final List<Duration> PAUSES =
      List.of(Duration.ZERO, Duration.ofMillis(500), Duration.ofSeconds(2), Duration.ofSeconds(8));

  private final Lifetime lifetime;
  private final Clock clock;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(TIMEOUT).build();
  private volatile @Nullable WebhookTarget target;
  private @Nullable Hint heldBack;

  Webhooks(@Nullable WebhookTarget target, Lifetime lifetime, Clock clock) {
    this.target = target;
    this.lifetime = lifetime;
    this.clock = clock;
  }

  void sendTo(WebhookTarget target) {
    this.target = target;
  }

  /**
   * @param mode duplicate: the same message twice; reordered: it waits until the next one was sent,
   *     or two seconds
   */
  void send(String reference, Mode mode) {
    var message = new Message("operation.updated", Map.of("reference", reference));
    var hint = new Hint("msg_" + UUID.randomUUID(), Json.MAPPER.writeValueAsString(message));
    switch (mode) {
      case DUPLICATE_WEBHOOK -> deliver(hint, hint);
      case REORDERED_WEBHOOK -> sendAfterTheNext(hint);
      default -> deliver(hint);
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }

  private synchronized void sendAfterTheNext(Hint hint) {
    var earlier = heldBack;
    if (earlier != null) {
      heldBack = null;
      deliver(hint, earlier);
      return;
    }
    heldBack = hint;
    lifetime.later(HELD_BACK, () -> release(hint));
  }

  private synchronized void release(Hint hint) {
    if (heldBack == hint) {
      heldBack = null;
      deliver(hint);
    }
  }

  /** One after the other: the second only once the first arrived or was given up. */
  private void deliver(Hint... inThisOrder) {
    var to = target;
    if (to != null) {
      lifetime.later(Duration.ZERO, () -> List.of(inThisOrder).forEach(hint -> insist(to, hint)));
    }
  }

  private void insist(WebhookTarget to, Hint hint) {
    for (var pause : PAUSES) {
      lifetime.pause(pause);
      if (arrives(to, hint)) {
        return;
      }
    }
    LOG.log(Level.WARNING, "Gave up telling {0} about {1}", to, hint.body());
  }

  private boolean arrives(WebhookTarget to, Hint hint) {
    var timestamp = Long.toString(clock.instant().getEpochSecond());
    var request =
        HttpRequest.newBuilder(to.url())
            .timeout(TIMEOUT)
            .header("Content-Type", "application/json")
            .header("webhook-id", hint.id())
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", to.signature(hint.id(), timestamp, hint.body()))
            .POST(BodyPublishers.ofString(hint.body()))
            .build();
    try {
      return http.send(request, BodyHandlers.discarding()).statusCode() / 100 == 2;
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "Webhook did not arrive", e);
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
