package dev.evenkeel.payments;

import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.TransferId;
import dev.evenkeel.money.Money;
import dev.evenkeel.payments.provider.FollowUp;
import dev.evenkeel.payments.provider.ProviderRequest;
import dev.evenkeel.payments.provider.ProviderRequest.Order;
import dev.evenkeel.payments.rules.MovedMoney;
import dev.evenkeel.payments.rules.PaymentRules;
import dev.evenkeel.payments.rules.PaymentSnapshot;
import dev.evenkeel.payments.rules.Transition;
import dev.evenkeel.payments.state.AttentionReasons;
import dev.evenkeel.payments.state.BookedMoney;
import dev.evenkeel.payments.state.CallSchedule;
import dev.evenkeel.payments.state.Findings;
import dev.evenkeel.payments.state.Timeline;
import dev.evenkeel.payments.state.WaitingOperation;
import jakarta.persistence.AttributeOverride;
import jakarta.persistence.Column;
import jakarta.persistence.Embedded;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import org.hibernate.annotations.DynamicUpdate;
import org.hibernate.annotations.UuidGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A payment or a refund, which is also its own entry in the queue of unfinished work. Its id is the
 * reference and the idempotency key that the provider knows. It changes only under its row's lock;
 * all times come from the database's clock.
 */
@Entity
@Table(schema = "payments")
@DynamicUpdate // only changed columns: the database role may not update the request's columns
public class Payment {

  /** How often the provider is queried for an open payment that needs a decision. */
  private static final Duration ATTENTION_INTERVAL = Duration.ofHours(1);

  @Id
  @UuidGenerator(style = UuidGenerator.Style.VERSION_7)
  private @Nullable UUID id;

  @Embedded private PaymentRequest request;

  private PaymentStatus status = PaymentStatus.PENDING;

  @Embedded private BookedMoney money = new BookedMoney();

  private AttentionReasons attention = AttentionReasons.NONE;
  @Embedded private Findings findings = new Findings();

  @Embedded private @Nullable Failure failure;
  private @Nullable String problem;

  @Embedded
  @AttributeOverride(name = "value", column = @Column(name = "hold"))
  private @Nullable TransferId hold;

  private String provider;
  private @Nullable String providerCharge;
  private @Nullable String providerOperation;
  @Embedded private @Nullable WaitingOperation waiting;
  @Embedded private CallSchedule calls;
  private @Nullable String traceparent;
  private Instant createdAt;
  private @Nullable Instant finalAt;

  @Embedded private Timeline timeline = new Timeline();

  @SuppressWarnings("NullAway.Init")
  protected Payment() {}

  /**
   * A new payment is pending and due at once.
   *
   * @param provider the name of the gateway that takes it to its provider
   * @param charge the provider's id of the charge that a refund gives back; null if unknown, or if
   *     this is no refund
   */
  Payment(
      PaymentRequest request,
      String provider,
      @Nullable String charge,
      @Nullable String traceparent,
      Instant now) {
    this.request = request;
    this.provider = provider;
    this.providerCharge = charge;
    this.traceparent = traceparent;
    this.createdAt = now;
    this.calls = new CallSchedule(now);
  }

  /** Refuses the payment; the row is kept only to replay the refusal. */
  void refuse(String problem, Instant now) {
    this.problem = problem;
    end(PaymentStatus.REFUSED, now);
  }

  void hold(TransferId hold) {
    this.hold = hold;
  }

  void waitForProvider(Instant now) {
    enter(PaymentStatus.PENDING, now, "Accepted; the provider is not available at the moment");
  }

  /**
   * Starts an attempt. It is committed before the first byte is sent; until the claim ends, nobody
   * else calls the provider for this payment. A final payment is only queried.
   *
   * @param writer writes what is sent
   */
  void claim(Instant now, Duration claim, Function<Order, String> writer) {
    calls.claim(now, claim, !status.isFinal());
    if (!status.isFinal()) {
      calls.keepBody(() -> writer.apply(providerRequest().order()));
    }
    if (status == PaymentStatus.PENDING || status == PaymentStatus.PROCESSING) {
      enter(PaymentStatus.PROCESSING, now, "Sent to the provider");
    }
  }

  CallSchedule calls() {
    return calls;
  }

  /** Whether this release knows the state of the payment, as it must to change it. */
  boolean isReadable() {
    return status != PaymentStatus.UNREADABLE
        && request.kind() != PaymentKind.UNREADABLE
        && (waiting == null || waiting.followUp() != FollowUp.UNREADABLE);
  }

  /**
   * Makes a transition that {@link PaymentRules} decided.
   *
   * @param next the time of the next attempt, if the transition needs one
   * @param expiry when the wait ends, if the transition lets it wait at the provider
   * @return what has moved beside the payment itself
   */
  List<Movement> apply(Transition transition, Instant now, Instant next, Instant expiry) {
    List<Movement> booked = List.of();
    switch (transition) {
      case Transition.End end -> {
        failure = end.failure();
        if (end.status().hasSucceeded() && end.operation() != null) {
          providerOperation = end.operation();
        }
        findings.remove(end.operation());
        booked = money.end(end.amount(), getAmount());
        end(end.status(), now);
        if (end.askAgain()) {
          calls.askAgain(now, end.status());
        }
        enter(end.status(), now, end.note());
      }
      case Transition.Book book -> {
        booked = book.movements();
        book(book, now);
      }
      case Transition.BackToPending(String reason) -> {
        calls.nothingWasSent();
        calls.scheduleNext(next, now);
        enter(PaymentStatus.PENDING, now, reason);
      }
      case Transition.Wait wait -> {
        calls.scheduleNext(attention.isEmpty() ? next : now.plus(ATTENTION_INTERVAL), now);
        if (!status.isFinal()) {
          calls.stillUnknown(wait.sent());
          enter(status.isWaiting() ? status : PaymentStatus.PROCESSING, now, wait.reason());
        }
      }
      case Transition.AwaitDecision() -> {
        waiting = waiting == null ? null : waiting.withoutAction();
        calls.scheduleNext(next, now);
        calls.undecided();
        enter(PaymentStatus.PROCESSING, now, "The provider has not decided yet");
      }
      case Transition.RequireAction(String operation, String url) -> {
        providerOperation = operation;
        waiting = WaitingOperation.forCustomer(url, waiting == null ? expiry : waiting.expiresAt());
        Instant end = waiting.expiresAt();
        calls.scheduleNext(next.isBefore(end) ? next : end, now);
        calls.undecided();
        enter(PaymentStatus.REQUIRES_ACTION, now, "The customer has to act");
      }
      case Transition.Authorize(String operation) -> {
        providerOperation = operation;
        if (waiting == null || status != PaymentStatus.AUTHORIZED) {
          waiting = WaitingOperation.forCapture(expiry);
        }
        calls.decided();
        calls.scheduleNext(waiting.expiresAt(), now);
        enter(PaymentStatus.AUTHORIZED, now, "Authorized by the provider");
      }
      case Transition.AskFor(FollowUp followUp, Long capture) -> {
        waiting = Objects.requireNonNull(waiting).with(followUp, capture, now);
        calls.decided();
        calls.makeDue(now);
        enter(PaymentStatus.PROCESSING, now, explain(followUp, capture));
      }
      case Transition.RaiseAttention raised -> {
        boolean repeated = attention.contains(raised.attention());
        attention = attention.and(raised.attention());
        money.report(raised.reported());
        findings.add(raised.finding());
        if (!status.isFinal() && waiting == null && raised.finding() != null) {
          providerOperation = raised.finding().operation();
        }
        // A request that was sent may be delayed for long, so the provider is still queried.
        boolean query = calls.sends() > 0 && !status.isFinal();
        calls.scheduleNext(query ? now.plus(ATTENTION_INTERVAL) : null, now);
        if (repeated) {
          enter(status, now, raised.note());
        } else {
          timeline.note(status, now, raised.note());
        }
      }
      case Transition.StopAsking(String agreed) -> {
        findings.remove(agreed);
        calls.scheduleNext(null, now);
      }
      case Transition.Ignore() -> {}
    }
    return booked;
  }

  private String explain(FollowUp followUp, @Nullable Long capture) {
    return switch (followUp) {
      case CAPTURE ->
          "Capture requested: " + Money.of(Objects.requireNonNull(capture), getCurrency());
      case CANCEL -> "Cancellation requested";
      case EXPIRE -> "The payment was not completed in time";
      case UNREADABLE -> throw new IllegalArgumentException("unreadable");
    };
  }

  private void book(Transition.Book book, Instant now) {
    money.book(book.movements(), movedMoney().after(book.movements()));
    failure = book.failure();
    status = book.status();
    timeline.book(status, now, book.movements(), getCurrency());
    findings.remove(book.agreed());
    calls.scheduleNext(book.askAgain() ? now : null, now);
  }

  /** Asks for an operator, because the posting of the new status went to suspense. */
  void unplaced(Instant now) {
    attention = attention.and(Attention.UNPLACED);
    enter(status, now, "The account could not take or give the money; an operator will see to it");
  }

  private void end(PaymentStatus status, Instant now) {
    this.status = status;
    waiting = null;
    calls.forgetBody(); // a final payment is never sent again
    finalAt = Objects.requireNonNullElse(finalAt, now);
    calls.scheduleNext(null, now);
  }

  /** Ends attention because of a decision, whose own posting may need attention in turn. */
  void endAttention() {
    attention = attention.afterDecision();
  }

  /** Records an operator's decision in the timeline, even if it repeats an earlier reason. */
  void recordDecision(String note, Instant now) {
    timeline.decided(status, now, note);
  }

  /** Whether the payment has ended and operators need not be asked about this again. */
  boolean wasAsked(@Nullable Finding finding) {
    return status.isFinal() && findings.contain(finding);
  }

  /** Both sides agree on these operations: if they differ again, operators are asked again. */
  void agree(List<String> operations) {
    findings.remove(Finding.MISSING.operation());
    operations.forEach(findings::remove);
  }

  private void enter(PaymentStatus next, Instant now, String note) {
    status = next;
    timeline.enter(next, now, note);
  }

  /**
   * Returns what the rules need to know.
   *
   * @param keyMemory how long the provider surely remembers an idempotency key
   * @param claim how long an attempt may take
   */
  PaymentSnapshot snapshot(Instant now, Duration keyMemory, Duration longestUnseen) {
    Instant uncoveredSince = money.uncoveredSince();
    Instant keySince = Objects.requireNonNullElse(calls.firstSentAt(), createdAt);
    return new PaymentSnapshot(
        getKind(),
        status,
        calls.attempts(),
        calls.sends(),
        Duration.between(createdAt, now),
        longestUnseen,
        now.isBefore(keySince.plus(keyMemory)),
        uncoveredSince == null ? null : Duration.between(uncoveredSince, now),
        getAttention(),
        request.manualCapture(),
        waiting == null
            ? null
            : new PaymentSnapshot.Waiting(
                !now.isBefore(waiting.expiresAt()),
                waiting.followUp(),
                waiting.followUpAt() == null ? null : Duration.between(waiting.followUpAt(), now),
                waiting.capture()),
        providerOperation,
        movedMoney());
  }

  private MovedMoney movedMoney() {
    return money.snapshot(getAmount(), status);
  }

  /**
   * The request to the provider, the same at each attempt, whichever release makes it. A final
   * payment is only queried.
   */
  ProviderRequest providerRequest() {
    ProviderRequest order =
        request.toProvider(getId(), moved(), providerCharge).withBody(calls.sentBody());
    return waiting == null
        ? order
        : order.withKnown(
            new ProviderRequest.Known(
                Objects.requireNonNull(providerOperation), waiting.followUp(), waiting.capture()));
  }

  /** What moves if the payment succeeds, in minor units: what was asked for, or was decided. */
  public long moved() {
    return money.moved(getAmount());
  }

  public PaymentRequest request() {
    return request;
  }

  int attempts() {
    return calls.attempts();
  }

  @Nullable String problem() {
    return problem;
  }

  @Nullable TransferId hold() {
    return hold;
  }

  /** The name of the gateway that takes it to its provider. */
  String provider() {
    return provider;
  }

  /** Whether its provider is the one that this gateway calls. */
  boolean isTakenBy(String gateway) {
    return provider.equals(gateway);
  }

  /**
   * The provider's operation that waits, that made the payment succeed, or whose amount differs.
   */
  public @Nullable String providerOperation() {
    return providerOperation;
  }

  @Nullable String traceparent() {
    return traceparent;
  }

  /** What happens next belongs to the trace of another request of the owner. */
  void continueIn(@Nullable String traceparent) {
    this.traceparent = traceparent;
  }

  @Nullable WaitingOperation waiting() {
    return waiting;
  }

  /** What is to be captured, in minor units; null if nothing is. */
  public @Nullable Long getCapture() {
    return waiting == null ? null : waiting.capture();
  }

  /** When a capture or a cancellation was requested; null unless one is under way. */
  public @Nullable Instant getFollowUpAt() {
    return waiting == null ? null : waiting.followUpAt();
  }

  public PaymentId getId() {
    return new PaymentId(Objects.requireNonNull(id, "not persisted yet"));
  }

  public String getOwner() {
    return request.keyed().owner();
  }

  public AccountId getAccount() {
    return request.account();
  }

  public PaymentKind getKind() {
    return request.kind();
  }

  /** The amount in minor units. */
  public long getAmount() {
    return request.money().minorUnits();
  }

  /** The sum of succeeded refunds, in minor units. */
  public long getRefunded() {
    return money.refunded();
  }

  /** The sum of what the provider has taken back, in minor units. */
  public long getReturned() {
    return money.returned();
  }

  public String getCurrency() {
    return request.money().currencyCode();
  }

  public PaymentStatus getStatus() {
    return status;
  }

  /** The most urgent reason why an operator has to decide, or null. */
  public @Nullable Attention getAttention() {
    return attention.mostUrgent();
  }

  AttentionReasons attention() {
    return attention;
  }

  public @Nullable Failure getFailure() {
    return failure;
  }

  /** The provider's page on which the customer has to act; null unless the customer has to. */
  public @Nullable String getNextAction() {
    return waiting == null ? null : waiting.nextAction();
  }

  /** The refunded payment; null unless this is a refund. */
  public @Nullable PaymentId getPayment() {
    return request.refundOf();
  }

  public Instant getCreatedAt() {
    return createdAt;
  }

  public @Nullable Instant getFinalAt() {
    return finalAt;
  }

  public List<TimelineEntry> getTimeline() {
    return timeline.entries();
  }
}
