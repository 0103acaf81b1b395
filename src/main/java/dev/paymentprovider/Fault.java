package dev.paymentprovider;

import static java.util.Objects.requireNonNullElse;

import com.sun.net.httpserver.HttpExchange;
import dev.paymentprovider.Operation.Status;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * A fault that the provider injects. It falsifies, delays or drops responses and delays or prevents
 * operations; what is recorded stays true.
 *
 * @param latencyMs how long slow and late requests wait, and how long a refusing port stays closed
 * @param rate share of requests affected, 0 to 1
 * @param remaining number of requests still to be affected, then the mode is none; absent: no limit
 * @param keyRetention seconds after which an idempotency key is forgotten; absent: never
 */
record Fault(
    Mode mode, Long latencyMs, Double rate, @Nullable Long remaining, @Nullable Long keyRetention) {

  /** The handling of a request, which a fault may delay or skip. */
  interface Handler {

    Response handle(Fault fault) throws InterruptedException;
  }

  static final Fault NONE = new Fault(Mode.NONE, 1000L, 1.0, null, null);

  private static final Duration HANG_TIMEOUT = Duration.ofSeconds(30);

  enum Mode {
    NONE,
    DOWN,
    REFUSE,
    HANG,
    SLOW,
    ERROR500,
    ERROR503,
    ERROR429,
    LOST_ANSWER,
    LATE,
    TRUNCATED,
    GARBAGE,
    DRIBBLE,
    AMOUNT_MISMATCH,
    CONTRADICT,
    ORDERS_HANG,
    STUCK_PENDING,
    UNKNOWN_STATUS,
    REJECT,
    DUPLICATE_WEBHOOK,
    REORDERED_WEBHOOK
  }

  /** Replaces absent fields, which are null, by their defaults. */
  Fault {
    var usedUp = remaining != null && remaining <= 0;
    mode = usedUp ? Mode.NONE : requireNonNullElse(mode, Mode.NONE);
    latencyMs = requireNonNullElse(latencyMs, 1000L);
    rate = requireNonNullElse(rate, 1.0);
    if (latencyMs < 0 || rate < 0 || rate > 1) {
      throw new IllegalArgumentException("out of range");
    }
  }

  /**
   * Decides whether a request is affected.
   *
   * @param write whether the request asks for an operation, or only for its status
   * @param random a number from 0 to 1, drawn for this request
   */
  boolean affects(boolean write, double random) {
    return random < rate
        && switch (mode) {
          case LATE, ORDERS_HANG, STUCK_PENDING, REJECT, DUPLICATE_WEBHOOK, REORDERED_WEBHOOK ->
              write;
          case CONTRADICT -> !write;
          default -> mode != Mode.NONE;
        };
  }

  Fault afterRequest() {
    return remaining == null ? this : new Fault(mode, latencyMs, rate, remaining - 1, keyRetention);
  }

  /** Returns whether a key that was used at this time is forgotten now. */
  boolean forgets(Instant at, Instant now) {
    return keyRetention != null && Duration.between(at, now).toSeconds() >= keyRetention;
  }

  /** Returns this without its mode and its limit. The key retention stays: it is no fault. */
  Fault healed() {
    return new Fault(Mode.NONE, latencyMs, rate, null, keyRetention);
  }

  /**
   * Handles a request at most once, at once, late or never, and responds as the mode says. Without
   * a response the connection is dropped when the exchange is closed.
   */
  void apply(Handler handler, HttpExchange exchange) throws IOException, InterruptedException {
    switch (mode) {
      case NONE, STUCK_PENDING, DUPLICATE_WEBHOOK, REORDERED_WEBHOOK ->
          respond(handler).send(exchange);
      case DOWN, REFUSE -> {}
      case HANG, ORDERS_HANG -> Thread.sleep(HANG_TIMEOUT);
      case SLOW -> {
        Thread.sleep(latencyMs);
        respond(handler).send(exchange);
      }
      case ERROR500 -> Response.error(500, "internal-error").send(exchange);
      case ERROR503 -> Response.error(503, "unavailable").send(exchange);
      case ERROR429 -> {
        exchange.getResponseHeaders().set("Retry-After", "1");
        Response.error(429, "too-many-requests").send(exchange);
      }
      case REJECT -> Response.error(422, "rejected").send(exchange);
      case LOST_ANSWER -> respond(handler);
      case LATE -> {
        Thread.sleep(latencyMs);
        respond(handler);
        Thread.sleep(HANG_TIMEOUT);
      }
      case TRUNCATED -> respond(handler).sendHalf(exchange);
      case GARBAGE -> respond(handler).withGarbage().send(exchange);
      case DRIBBLE -> respond(handler).sendByteByByte(exchange);
      case AMOUNT_MISMATCH -> respond(handler).falsified(Operation::withWrongAmount).send(exchange);
      case CONTRADICT -> respond(handler).falsified(Operation::contradicted).send(exchange);
      case UNKNOWN_STATUS ->
          respond(handler).falsified(it -> it.with(Status.UNDER_REVIEW)).send(exchange);
    }
  }

  private Response respond(Handler handler) throws InterruptedException {
    try {
      return handler.handle(this);
    } catch (RejectedException rejected) {
      return rejected.response;
    } catch (JacksonException | DateTimeParseException malformed) {
      return Response.error(400, "malformed");
    }
  }
}
