package dev.paymentprovider;

import static java.util.Objects.requireNonNullElse;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * How the provider misbehaves. Faults spoil answers and delay or prevent work; the books stay true.
 *
 * @param rate the share of requests that it hits, 0 to 1
 * @param remaining so many requests are still to be hit, then the mode is none; absent: all
 * @param keyRetention seconds after which an idempotency key is forgotten; absent: never
 */
record Fault(
    Mode mode, Long latencyMs, Double rate, @Nullable Long remaining, @Nullable Long keyRetention) {

  /** What a request is about, whether it is done now, later or never. */
  interface Work {

    Answer perform(Fault fault) throws InterruptedException;
  }

  static final Fault NONE = new Fault(Mode.NONE, 1000L, 1.0, null, null);

  private static final Duration LONGEST_HANG = Duration.ofSeconds(30);

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
    DUPLICATE_WEBHOOK,
    REORDERED_WEBHOOK
  }

  /** With null for what a caller left out. */
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
   * @param order whether the request orders something, or asks what became of it
   * @param luck 0 to 1, another for each request
   */
  boolean hits(boolean order, double luck) {
    return luck < rate
        && switch (mode) {
          case LATE, DUPLICATE_WEBHOOK, REORDERED_WEBHOOK -> order;
          case CONTRADICT -> !order;
          default -> mode != Mode.NONE;
        };
  }

  Fault afterHit() {
    return remaining == null ? this : new Fault(mode, latencyMs, rate, remaining - 1, keyRetention);
  }

  /** Whether a key used at that time is no longer known. */
  boolean forgets(Instant at) {
    return keyRetention != null && Duration.between(at, Instant.now()).toSeconds() >= keyRetention;
  }

  /** Without the mode; what isn't a fault stays. */
  Fault healed() {
    return new Fault(Mode.NONE, latencyMs, rate, null, keyRetention);
  }

  /**
   * Does the work at most once: before the answer, long after, or never. Where no answer is sent,
   * the connection is dropped once the exchange is closed.
   */
  void carryOut(Work work, HttpExchange exchange) throws IOException, InterruptedException {
    switch (mode) {
      case NONE, DUPLICATE_WEBHOOK, REORDERED_WEBHOOK -> answer(work).send(exchange);
      case DOWN, REFUSE -> {}
      case HANG -> Thread.sleep(LONGEST_HANG);
      case SLOW -> {
        Thread.sleep(latencyMs);
        answer(work).send(exchange);
      }
      case ERROR500 -> Answer.error(500, "internal-error").send(exchange);
      case ERROR503 -> Answer.error(503, "unavailable").send(exchange);
      case ERROR429 -> {
        exchange.getResponseHeaders().set("Retry-After", "1");
        Answer.error(429, "too-many-requests").send(exchange);
      }
      case LOST_ANSWER -> answer(work);
      case LATE -> {
        Thread.sleep(latencyMs);
        answer(work);
        Thread.sleep(LONGEST_HANG);
      }
      case TRUNCATED -> answer(work).sendHalf(exchange);
      case GARBAGE -> answer(work).withGarbage().send(exchange);
      case DRIBBLE -> answer(work).sendByteByByte(exchange);
      case AMOUNT_MISMATCH -> answer(work).lying(Operation::withAnotherAmount).send(exchange);
      case CONTRADICT -> answer(work).lying(Operation::contradicted).send(exchange);
    }
  }

  private Answer answer(Work work) throws InterruptedException {
    try {
      return work.perform(this);
    } catch (Refusal refusal) {
      return refusal.answer;
    } catch (JacksonException | DateTimeParseException malformed) {
      return Answer.error(400, "malformed");
    }
  }
}
