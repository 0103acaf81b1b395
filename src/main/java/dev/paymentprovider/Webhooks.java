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
 * Sends webhooks about operations that have changed, signed as Standard Webhooks defines. They are
 * hints: each is tried a few times and then given up, and those not delivered when the provider
 * stops are lost. Nothing is sent without a target.
 */
final class Webhooks {

  private record Target(URI url, SecretKeySpec key) {}

  private record Message(String type, Map<String, String> data) {}

  private record Hint(Target target, String id, String body) {}

  private static final String SECRET_PREFIX = "whsec_";
  private static final String ALGORITHM = "HmacSHA256";
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final int ATTEMPTS = 4;
  private static final int REORDER_DELAY_SECONDS = 2;

  private final Executor threads;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(TIMEOUT).build();
  private final Lock sending = new ReentrantLock();
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
   * Sends a webhook about the operation with this reference.
   *
   * @param mode duplicate: the message is sent twice; reordered: it waits for the next message to
   *     be sent first, at most two seconds
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
    var delay = mode == Mode.REORDERED_WEBHOOK ? REORDER_DELAY_SECONDS : 0;
    CompletableFuture.delayedExecutor(delay, TimeUnit.SECONDS, threads).execute(this::deliver);
  }

  /** Sends messages one by one, newest first, so that a delayed message follows the next one. */
  private void deliver() {
    sending.lock();
    try {
      for (var hint = unsent.poll(); hint != null; hint = unsent.poll()) {
        for (var attempt = 1; !arrives(hint) && attempt < ATTEMPTS; attempt++) {
          Thread.sleep(500L * attempt * attempt);
        }
      }
    } catch (InterruptedException stopping) {
      // Messages not delivered yet are lost.
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e); // every JDK has this algorithm
    } finally {
      sending.unlock();
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
