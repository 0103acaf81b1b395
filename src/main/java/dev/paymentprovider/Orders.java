package dev.paymentprovider;

import dev.paymentprovider.Fault.Mode;
import dev.paymentprovider.Operation.Kind;
import dev.paymentprovider.Operation.Status;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What callers order and ask about, and when they hear of it by webhook. */
final class Orders {

  private static final Duration UNTIL_DECIDED = Duration.ofSeconds(1);
  private static final Pattern KEY = Pattern.compile("[!-~]{1,255}");

  private final Operations operations;
  private final Webhooks webhooks;
  private final Lifetime lifetime;
  private final Map<String, Integer> received = new ConcurrentHashMap<>();

  Orders(Operations operations, Webhooks webhooks, Lifetime lifetime) {
    this.operations = operations;
    this.webhooks = webhooks;
    this.lifetime = lifetime;
  }

  /** Takes up what a former run left pending. */
  void resume() {
    operations.list(it -> it.is(Status.PENDING)).forEach(it -> decideLater(it, Mode.NONE));
  }

  void count(@Nullable String key) {
    if (key != null) {
      received.merge(key, 1, Integer::sum);
    }
  }

  int received(String key) {
    return received.getOrDefault(key, 0);
  }

  Answer perform(Kind kind, @Nullable String key, byte[] body, Mode mode) {
    try {
      if (key == null || !KEY.matcher(key).matches()) {
        throw new InvalidRequest(400, key == null ? "key-missing" : "invalid-key");
      }
      return switch (operations.perform(key, OperationRequest.read(kind, body))) {
        case Outcome.Done(var operation, var fresh) -> {
          if (fresh) {
            announce(operation, mode);
          }
          yield Answer.of(operation.is(Status.PENDING) ? 202 : 201, operation);
        }
        case Outcome.KeyReused() -> Answer.error(409, "key-reused");
        case Outcome.InProgress() -> Answer.error(409, "in-progress");
      };
    } catch (InvalidRequest invalid) {
      return invalid.answer();
    }
  }

  Answer find(String key) {
    var operation = operations.find(key);
    return operation == null ? Answer.error(404, "never-seen") : Answer.of(200, operation);
  }

  private void announce(Operation operation, Mode mode) {
    if (operation.is(Status.PENDING)) {
      decideLater(operation, mode);
    } else if (mode == Mode.DUPLICATE_WEBHOOK || mode == Mode.REORDERED_WEBHOOK) {
      webhooks.send(operation.reference(), mode);
    }
  }

  private void decideLater(Operation pending, Mode mode) {
    lifetime.later(
        UNTIL_DECIDED,
        () -> {
          if (operations.approve(pending.id()) != null) {
            webhooks.send(pending.reference(), mode);
          }
        });
  }
}
