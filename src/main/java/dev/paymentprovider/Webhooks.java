package dev.paymentprovider;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.paymentprovider.Fault.Mode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Tells the target that an operation changed, signed as Standard Webhooks has it. It tries a few
 * times and then gives up: these are hints, and what isn't delivered when the provider stops is
 * lost. Without a target it stays silent.
 */
final class Webhooks {

  private record Target(URI url, SecretKeySpec key) {}

  private record Message(String type, Map<String, String> data) {}

  private record Hint(Target target, String id, String body) {}

  private static final String SECRET_PREFIX = "whsec_";
  private static final String ALGORITHM = "HmacSHA256";
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final int ATTEMPTS = 4;
  private static final int SECONDS_HELD_BACK = 2;

  private final Executor threads;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(TIMEOUT).build();
  private final Lock turn = new ReentrantLock();
  private final ConcurrentLinkedDeque<Hint> unsent = new ConcurrentLinkedDeque<>();
  private volatile @Nullable Target target;

  Webhooks(Executor threads) {
    this.threads = threads;
  }

  void sendTo(URI url, String secret) {
    if (!secret.startsWith(SECRET_PREFIX)) {
      throw new IllegalArgumentException("A webhook secret starts with " + SECRET_PREFIX);
    }
    var key = Base64.getDecoder().decode(secret.substring(SECRET_PREFIX.length()));
    target = new Target(url, new SecretKeySpec(key, ALGORITHM));
  }

  /**
   * @param mode duplicate: the same message twice; reordered: it waits until the next one was sent,
   *     or two seconds
   */
  void send(String reference, Mode mode) {
    var to = target;
    if (to == null) {
      return;
    }
    var message = new Message("operation.updated", Map.of("reference", reference));
    var hint = new Hint(to, "msg_" + UUID.randomUUID(), Json.MAPPER.writeValueAsString(message));
    unsent.push(hint);
    if (mode == Mode.DUPLICATE_WEBHOOK) {
      unsent.push(hint);
    }
    var delay = mode == Mode.REORDERED_WEBHOOK ? SECONDS_HELD_BACK : 0;
    CompletableFuture.delayedExecutor(delay, TimeUnit.SECONDS, threads).execute(this::deliver);
  }

  /** One by one and the latest first, so that one that was held back comes after the next. */
  private void deliver() {
    turn.lock();
    try {
      for (var hint = unsent.poll(); hint != null; hint = unsent.poll()) {
        for (var attempt = 1; !arrives(hint) && attempt < ATTEMPTS; attempt++) {
          Thread.sleep(500L * attempt * attempt);
        }
      }
    } catch (InterruptedException stopping) {
      // What wasn't delivered is lost.
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e); // every JDK has this algorithm
    } finally {
      turn.unlock();
    }
  }

  private boolean arrives(Hint hint) throws InterruptedException, GeneralSecurityException {
    var timestamp = Long.toString(Instant.now().getEpochSecond());
    var mac = Mac.getInstance(ALGORITHM);
    mac.init(hint.target().key());
    var signed = mac.doFinal((hint.id() + "." + timestamp + "." + hint.body()).getBytes(UTF_8));
    var request =
        HttpRequest.newBuilder(hint.target().url())
            .timeout(TIMEOUT)
            .header("Content-Type", "application/json")
            .header("webhook-id", hint.id())
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", "v1," + Base64.getEncoder().encodeToString(signed))
            .POST(HttpRequest.BodyPublishers.ofString(hint.body()))
            .build();
    try {
      return http.send(request, BodyHandlers.discarding()).statusCode() / 100 == 2;
    } catch (IOException e) {
      return false;
    }
  }
}
