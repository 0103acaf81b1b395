package dev.paymentprovider;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How the provider misbehaves. Faults spoil answers and delay or prevent work; the books stay true.
 *
 * @param rate the share of requests that it hits, 0 to 1
 * @param remaining so many requests are still to be hit, then the mode is none; absent: all
 * @param keyRetention seconds after which an idempotency key is forgotten; absent: never
 */
record Fault(
    Mode mode,
    long latencyMs,
    double rate,
    @Nullable Integer remaining,
    @Nullable Long keyRetention) {

  static final Fault NONE = new Fault(Mode.NONE, 1000, 1.0, null, null);

  /** What a caller is about: to have something done, or to ask what became of it. */
  enum Call {
    ORDER,
    QUESTION
  }

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
    REORDERED_WEBHOOK;

    boolean hits(Call call) {
      return switch (this) {
        case NONE -> false;
        case LATE, DUPLICATE_WEBHOOK, REORDERED_WEBHOOK -> call == Call.ORDER;
        case CONTRADICT -> call == Call.QUESTION;
        case DOWN, REFUSE, HANG, SLOW, ERROR500, ERROR503, ERROR429 -> true;
        case LOST_ANSWER, TRUNCATED, GARBAGE, DRIBBLE, AMOUNT_MISMATCH -> true;
      };
    }
  }

  /** As a caller sends it, with most of it left out. */
  record Wish(
      @Nullable Mode mode,
      @Nullable Long latencyMs,
      @Nullable Double rate,
      @Nullable Integer remaining,
      @Nullable Long keyRetention) {

    Fault fault() {
      var wished =
          new Fault(
              mode == null ? NONE.mode : mode,
              latencyMs == null ? NONE.latencyMs : latencyMs,
              rate == null ? NONE.rate : rate,
              remaining,
              keyRetention);
      var valid = wished.latencyMs >= 0 && wished.rate >= 0 && wished.rate <= 1;
      if (!valid
          || (remaining != null && remaining < 0)
          || (keyRetention != null && keyRetention < 0)) {
        throw new InvalidRequest(400, "invalid-faults");
      }
      return remaining != null && remaining == 0 ? wished.healed() : wished;
    }
  }

  Duration latency() {
    return Duration.ofMillis(latencyMs);
  }

  Fault afterHit() {
    if (remaining == null) {
      return this;
    }
    return remaining > 1 ? new Fault(mode, latencyMs, rate, remaining - 1, keyRetention) : healed();
  }

  /** Without the mode; what isn't a fault stays. */
  Fault healed() {
    return new Fault(Mode.NONE, latencyMs, rate, null, keyRetention);
  }
}
