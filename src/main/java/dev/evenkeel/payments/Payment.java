package dev.evenkeel.payments;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.TransferId;
import dev.evenkeel.money.Money;
import dev.evenkeel.payments.provider.ProviderRequest;
import jakarta.persistence.AttributeOverride;
import jakarta.persistence.CollectionTable;
import jakarta.persistence.Column;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Embedded;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.OrderColumn;
import jakarta.persistence.Table;
import jakarta.persistence.Transient;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.hibernate.annotations.DynamicUpdate;
import org.hibernate.annotations.Formula;
import org.hibernate.annotations.UuidGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A payment or a refund, which is also its own entry in the queue of unfinished work. Its id is the
 * reference and the idempotency key that the provider knows. It changes only under its row's lock;
 * all times come from the database's clock. As JSON it shows what its owner may see.
 */
@Entity
@Table(schema = "payments")
@DynamicUpdate // only changed columns: the database role may not update the request's columns
@JsonPropertyOrder({
  "id",
  "payment",
  "account",
  "kind",
  "amount",
  "moved",
  "refunded",
  "currency",
  "status",
  "returned"
})
public class Payment {

  /** How often the provider is queried for an open payment that needs a decision. */
  private static final Duration ATTENTION_INTERVAL = Duration.ofHours(1);

  @Id
  @UuidGenerator(style = UuidGenerator.Style.VERSION_7)
  private @Nullable UUID id;

  @Embedded private PaymentRequest request;

  @Formula(
      """
      (select coalesce(sum(coalesce(r.moved, r.amount) - r.returned), 0) from payments.payment r
       where r.refund_of = id and r.status = 'SUCCEEDED')
      """)
  private long refunded;

  @Formula(
      """
      (select max(s.at) from payments.payment_step s where s.payment = refund_of and s.status = 'RETURNED'
       and exists (select 1 from payments.payment p where p.id = s.payment and p.status = 'RETURNED'))
      """)
  private @Nullable Instant paymentReturnedAt;

  private PaymentStatus status = PaymentStatus.PENDING;

  private @Nullable Long moved;
  private @Nullable Long reported;
  private long returned;

  private @Nullable Attention attention;

  @Embedded private @Nullable Failure failure;
  private @Nullable String problem;

  @Embedded
  @AttributeOverride(name = "value", column = @Column(name = "hold"))
  private @Nullable TransferId hold;

  private @Nullable String providerOperation;
  @Embedded private CallSchedule calls;
  private @Nullable String sentBody;
  private @Nullable Integer sentBodyVersion;
  private @Nullable String traceparent;
  private Instant createdAt;
  private @Nullable Instant finalAt;

  @Transient private boolean forOperator;

  @ElementCollection
  @CollectionTable(
      schema = "payments",
      name = "payment_step",
      joinColumns = @JoinColumn(name = "payment"))
  @OrderColumn(name = "no")
  private List<TimelineEntry> timeline = new ArrayList<>();

  @ElementCollection
  @CollectionTable(
      schema = "payments",
      name = "payment_movement",
      joinColumns = @JoinColumn(name = "payment"))
  @OrderColumn(name = "no")
  private List<Movement> movements = new ArrayList<>();

  @SuppressWarnings("NullAway.Init")
  protected Payment() {}

  /** A new payment is pending and due at once. */
  Payment(PaymentRequest request, @Nullable String traceparent, Instant now) {
    this.request = request;
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
   */
  void claim(Instant now, Duration claim) {
    calls.claim(now, claim, !status.isFinal());
    if (!status.isFinal()) {
      keepBody();
      enter(PaymentStatus.PROCESSING, now, "Sent to the provider");
    }
  }

  /** Later releases may write another body, with which the provider would refuse the key. */
  private void keepBody() {
    if (sentBody == null) {
      sentBody = providerRequest().body();
      sentBodyVersion = ProviderRequest.BODY_VERSION;
    }
  }

  private void forgetBody() {
    sentBody = null;
    sentBodyVersion = null;
  }

  CallSchedule calls() {
    return calls;
  }

  /** Whether this release knows the state of the payment, as it must to change it. */
  boolean isReadable() {
    return status != PaymentStatus.UNREADABLE && request.kind() != PaymentKind.UNREADABLE;
  }

  /**
   * Makes a transition that {@link PaymentRules} decided.
   *
   * @param next the time of the next attempt, if the transition needs one
   * @return what has moved beside the payment itself
   */
  List<Movement> apply(Transition transition, Instant now, Instant next) {
    List<Movement> booked = List.of();
    switch (transition) {
      case Transition.End end -> {
        failure = end.failure();
        providerOperation = end.operation() == null ? providerOperation : end.operation();
        moved = end.amount();
        booked = moreThanAsked();
        movements.addAll(booked);
        end(end.status(), now);
        if (end.askAgain()) {
          calls.askAgain(now, end.status());
        }
        enter(end.status(), now, end.note());
      }
      case Transition.Book book -> {
        booked = book.movements();
        book(book.status(), booked, now);
      }
      case Transition.BackToPending(String reason) -> {
        calls.nothingWasSent();
        forgetBody();
        calls.scheduleNext(next, now);
        enter(PaymentStatus.PENDING, now, reason);
      }
      case Transition.Wait wait -> {
        calls.scheduleNext(attention == null ? next : now.plus(ATTENTION_INTERVAL), now);
        if (!status.isFinal()) {
          calls.stillUnknown(wait.sent());
          enter(PaymentStatus.PROCESSING, now, wait.reason());
        }
      }
      case Transition.AwaitDecision() -> {
        calls.scheduleNext(next, now);
        calls.undecided();
        enter(PaymentStatus.PROCESSING, now, "The provider has not decided yet");
      }
      case Transition.RaiseAttention raised -> {
        // Money in suspense keeps its mark: without it, it could not be refunded.
        attention = attention == Attention.UNPLACED ? attention : raised.attention();
        reported = raised.reported();
        // A request that was sent may be delayed for long, so the provider is still queried.
        boolean query = calls.sends() > 0 && attention.mayEndByItself();
        calls.scheduleNext(query ? now.plus(ATTENTION_INTERVAL) : null, now);
        enter(status, now, raised.note());
      }
      case Transition.StopAsking() -> calls.scheduleNext(null, now);
      case Transition.Ignore() -> {}
    }
    return booked;
  }

  /** The ledger's hold and the request's key stand for the amount asked; the rest moves apart. */
  private List<Movement> moreThanAsked() {
    long more = moved() - getAmount();
    return more > 0 ? List.of(new Movement(Movement.Kind.DECIDED, "1", more)) : List.of();
  }

  private void book(PaymentStatus next, List<Movement> more, Instant now) {
    MovedMoney after = movedMoney().after(more);
    moved = after.moved();
    returned = after.returned();
    movements.addAll(more);
    failure = null;
    status = next;
    for (Movement it : more) {
      Money amount = Money.of(Math.abs(it.amount()), getCurrency());
      switch (it.kind()) {
        case RETURNED -> note(now, "Returned by the provider: " + amount);
        case REINSTATED -> note(now, "Reinstated by the provider: " + amount);
        case DECIDED -> {} // noted with the decision
      }
    }
    calls.scheduleNext(null, now);
  }

  /** Asks for an operator, because the posting of the new status went to suspense. */
  void unplaced(Instant now) {
    attention = Objects.requireNonNullElse(attention, Attention.UNPLACED);
    enter(status, now, "The account could not take or give the money; an operator will see to it");
  }

  private void end(PaymentStatus status, Instant now) {
    this.status = status;
    forgetBody(); // a final payment is never sent again
    finalAt = Objects.requireNonNullElse(finalAt, now);
    calls.scheduleNext(null, now);
  }

  /** Ends attention because of a decision, whose own posting may need attention in turn. */
  void endAttention() {
    attention = null;
  }

  /** Records an operator's decision in the timeline, even if it repeats an earlier reason. */
  void recordDecision(String note, Instant now) {
    if (!timeline.contains(new TimelineEntry(status, now, note))) {
      note(now, note);
    }
  }

  /** Enters a status. The timeline shows each note once per status, however many attempts. */
  private void enter(PaymentStatus next, Instant now, String note) {
    boolean known =
        timeline.stream().anyMatch(entry -> entry.status() == next && entry.note().equals(note));
    status = next;
    if (!known) {
      note(now, note);
    }
  }

  private void note(Instant now, String note) {
    timeline.add(new TimelineEntry(status, now, note));
  }

  /**
   * @param keyMemory how long the provider surely remembers an idempotency key
   * @param longestCall an upper limit of how long a call of the provider lasts
   */
  PaymentSnapshot snapshot(Instant now, Duration keyMemory, Duration longestCall) {
    Instant keySince = Objects.requireNonNullElse(calls.firstSentAt(), createdAt);
    return new PaymentSnapshot(
        request.kind(),
        status,
        calls.attempts(),
        calls.sends(),
        Duration.between(createdAt, now),
        longestCall,
        now.isBefore(keySince.plus(keyMemory)),
        paymentReturnedAt == null ? null : Duration.between(paymentReturnedAt, now),
        attention,
        providerOperation,
        movedMoney());
  }

  private MovedMoney movedMoney() {
    boolean succeeded = status.hasSucceeded();
    return new MovedMoney(
        Math.max(getAmount(), Objects.requireNonNullElse(reported, 0L)),
        succeeded ? moved() : 0,
        returned,
        refunded,
        succeeded ? List.copyOf(movements) : List.of());
  }

  /**
   * The request to the provider, the same at each attempt, whichever release makes it. A final
   * payment is only queried.
   */
  ProviderRequest providerRequest() {
    ProviderRequest.Kind kind =
        switch (request.kind()) {
          case PAY_IN -> ProviderRequest.Kind.CHARGE;
          case PAY_OUT -> ProviderRequest.Kind.PAYOUT;
          case REFUND -> ProviderRequest.Kind.REFUND;
          case UNREADABLE -> throw new IllegalStateException("unreadable");
        };
    PaymentId refundOf = request.refundOf();
    ProviderRequest written =
        new ProviderRequest(
            kind,
            getId().value(),
            moved(),
            request.money().currencyCode(),
            request.instrument(),
            refundOf == null ? null : refundOf.value());
    return sentBody == null ? written : written.withBody(sentBody);
  }

  Money money() {
    return request.money();
  }

  /** What moves if the payment succeeds, in minor units: what was asked for, or was decided. */
  public long moved() {
    return Objects.requireNonNullElse(moved, getAmount());
  }

  PaymentRequest request() {
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

  /** The provider's operation that made the payment succeed. */
  public @Nullable String providerOperation() {
    return providerOperation;
  }

  @Nullable String traceparent() {
    return traceparent;
  }

  public PaymentId getId() {
    return new PaymentId(Objects.requireNonNull(id, "not persisted yet"));
  }

  @JsonIgnore
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
    return refunded;
  }

  /** The sum of what the provider has taken back, in minor units. */
  public long getReturned() {
    return returned;
  }

  /** What has really moved, in minor units, where an operator decided that it differs, or null. */
  public @Nullable Long getMoved() {
    return moved() == getAmount() ? null : moved();
  }

  public String getCurrency() {
    return request.money().currencyCode();
  }

  public PaymentStatus getStatus() {
    return status;
  }

  /** The reason why an operator has to decide, or null. */
  public @Nullable Attention getAttention() {
    return attention;
  }

  /** The reason of a failure, without the provider's code unless this is for an operator. */
  public @Nullable Failure getFailure() {
    return failure == null || forOperator ? failure : failure.forOwner();
  }

  /** Makes this show what only operators may see, too. */
  public Payment forOperator() {
    forOperator = true;
    return this;
  }

  /** The refunded payment; null unless this is a refund. */
  public @Nullable PaymentId getPayment() {
    return request.refundOf();
  }

  public @Nullable String getDescription() {
    return request.description();
  }

  public @Nullable String getReference() {
    return request.reference();
  }

  public @Nullable Map<String, String> getMetadata() {
    return request.metadata();
  }

  public Instant getCreatedAt() {
    return createdAt;
  }

  public @Nullable Instant getFinalAt() {
    return finalAt;
  }

  public List<TimelineEntry> getTimeline() {
    return List.copyOf(timeline);
  }
}
