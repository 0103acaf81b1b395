package dev.evenkeel.payments.state;

import dev.evenkeel.payments.PaymentStatus;
import dev.evenkeel.payments.ProviderCalls;
import jakarta.persistence.Embeddable;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The calls of the provider for a payment: those made, the one in progress, and the next one due.
 * With it the payment's row is also its entry in the queue of unfinished work.
 */
@Embeddable
public class CallSchedule {

  /** When the provider is asked once more whether a call came after the payment had failed. */
  private static final Duration LATE_CALL_CHECK = Duration.ofMinutes(10);

  /** How long after a decision the provider is asked whether it took the money back. */
  private static final Duration DECISION_CHECK = Duration.ofSeconds(30);

  /** Of further attempts only the number is kept. */
  private static final int MAX_TIMES = 20;

  private int attempts;
  private Instant[] attemptedAt = {};
  private int sends;
  private int failures;
  private boolean hinted;
  private boolean undecided;
  private @Nullable Instant firstSentAt;
  private @Nullable Instant claimedUntil;
  private @Nullable Instant nextAttemptAt;
  private @Nullable String sentBody;

  protected CallSchedule() {}

  /** A new payment is due at once. */
  public CallSchedule(Instant now) {
    this.nextAttemptAt = now;
  }

  /**
   * Starts an attempt.
   *
   * @param send whether it may send the request: counted before the first byte leaves
   */
  public void claim(Instant now, Duration claim, boolean send) {
    attempts++;
    attemptedAt =
        Stream.concat(Stream.of(attemptedAt), Stream.of(now))
            .limit(MAX_TIMES)
            .toArray(Instant[]::new);
    hinted = false;
    claimedUntil = now.plus(claim);
    nextAttemptAt = claimedUntil;
    if (send) {
      sends++;
      firstSentAt = Objects.requireNonNullElse(firstSentAt, now);
    }
  }

  /** Later releases may write another body, with which the provider would refuse the key. */
  public void keepBody(Supplier<String> body) {
    sentBody = Objects.requireNonNullElseGet(sentBody, body);
  }

  public void forgetBody() {
    sentBody = null;
  }

  /** What is sent, at each attempt; null before the first, and once the payment has ended. */
  public @Nullable String sentBody() {
    return sentBody;
  }

  public boolean isClaimed(Instant now) {
    return claimedUntil != null && claimedUntil.isAfter(now);
  }

  /**
   * Corrects the count of an attempt on an open payment that only queried: its claim counted as a
   * send, to be safe.
   */
  public void countNoSend(int attempt) {
    if (attempt == attempts && claimedUntil != null) {
      sends--;
    }
  }

  public void nothingWasSent() {
    sends--;
    firstSentAt = null;
    forgetBody();
  }

  /**
   * @param sent false if the attempt surely did not send the request
   */
  public void stillUnknown(boolean sent) {
    sends -= sent ? 0 : 1;
    undecided = false;
  }

  /** The provider has the payment and has not decided yet. */
  public void undecided() {
    undecided = true;
  }

  /** Neither the provider nor the customer has to decide now. */
  public void decided() {
    undecided = false;
  }

  /**
   * Ends the attempt. A hint that arrived during it makes the payment due at once.
   *
   * @param next null if no call is needed
   */
  public void scheduleNext(@Nullable Instant next, Instant now) {
    failures = 0;
    claimedUntil = null;
    nextAttemptAt = hinted ? now : next;
  }

  /** Makes a payment due at once or, if a call is in progress, after it. */
  public void makeDue(Instant now) {
    hinted = isClaimed(now);
    nextAttemptAt = now;
  }

  /** Makes a final payment due again: at once after a success, a while later after a failure. */
  public void askAgain(Instant now, PaymentStatus status) {
    boolean later = status == PaymentStatus.FAILED && !hinted;
    nextAttemptAt = later ? now.plus(LATE_CALL_CHECK) : now;
  }

  /** Makes a payment due some time after a decision. */
  public void checkDecision(Instant now) {
    nextAttemptAt = now.plus(DECISION_CHECK);
  }

  /** Stops the attempts on a payment for which nothing can be asked or sent. */
  public void park() {
    hinted = false;
    nextAttemptAt = null;
  }

  /**
   * Whether the provider is being called, or will be at once. A payment whose calls fail waits for
   * the next one, perhaps for ever.
   */
  public boolean isBeingAsked(Instant now) {
    return hinted || isClaimed(now);
  }

  public ProviderCalls snapshot() {
    return new ProviderCalls(
        attempts, List.of(attemptedAt), sends, firstSentAt, claimedUntil, nextAttemptAt);
  }

  /** The number of attempts, counted before they begin. */
  public int attempts() {
    return attempts;
  }

  /** The number of attempts that may have sent the request. */
  public int sends() {
    return sends;
  }

  /** From this time on the provider may know the idempotency key. */
  public @Nullable Instant firstSentAt() {
    return firstSentAt;
  }
}
