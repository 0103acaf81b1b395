package dev.evenkeel.payments;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.evenkeel.money.Money;
import dev.evenkeel.payments.provider.ProviderRequest;
import jakarta.persistence.CollectionTable;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Embedded;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.OrderColumn;
import jakarta.persistence.Table;
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
 * A payment or a refund, and at once its place in the queue of unfinished work. Its id is the
 * reference and the idempotency key that the provider knows it by. Changes only under its row's
 * lock; all times are the database's clock. As JSON it is what its owner may see.
 */
@Entity
@Table(schema = "payments")
@DynamicUpdate // of what changed; its request the database would not let change
@JsonPropertyOrder({"id", "payment", "account", "kind", "amount", "refunded", "currency", "status"})
public class Payment {

  private static final Duration ATTENDED_PAUSE = Duration.ofHours(1);

  @Id
  @UuidGenerator(style = UuidGenerator.Style.VERSION_7)
  private @Nullable UUID id;

  @Embedded private PaymentRequest request;

  @Formula(
      "(select coalesce(sum(r.amount), 0) from payments.payment r where r.refund_of = id and r.status = 'SUCCEEDED')")
  private long refunded;

  @Enumerated(EnumType.STRING)
  private PaymentStatus status = PaymentStatus.PENDING;

  @Enumerated(EnumType.STRING)
  private @Nullable Attention attention;

  @Embedded private @Nullable Failure failure;
  private @Nullable String problem;
  private @Nullable UUID hold;
  private @Nullable String providerOperation;
  private int attempts;
  private int sends;
  private boolean hinted;
  private @Nullable Instant firstSentAt;
  private @Nullable Instant claimedUntil;
  private @Nullable Instant nextAttemptAt;
  private @Nullable String traceparent;
  private Instant createdAt;
  private @Nullable Instant finalAt;

  @ElementCollection
  @CollectionTable(
      schema = "payments",
      name = "payment_step",
      joinColumns = @JoinColumn(name = "payment"))
  @OrderColumn(name = "no")
  private List<PaymentStep> timeline = new ArrayList<>();

  @SuppressWarnings("NullAway.Init")
  protected Payment() {}

  /** Pending, and due at once. */
  Payment(PaymentRequest request, @Nullable String traceparent, Instant now) {
    this.request = request;
    this.traceparent = traceparent;
    this.createdAt = now;
    this.nextAttemptAt = now;
  }

  /** Kept for its key only. */
  void refuse(String problem, Instant now) {
    this.problem = problem;
    end(PaymentStatus.REFUSED, now);
  }

  void hold(UUID hold) {
    this.hold = hold;
  }

  void waitForProvider(Instant now) {
    enter(PaymentStatus.PENDING, now, "Accepted; the provider is not available at the moment");
  }

  /**
   * Before the first byte is sent: from here on the provider may have it. Until the claim ends,
   * nobody else calls the provider for this payment. For what is final it is only asked.
   */
  void claim(Instant now, Duration claim) {
    attempts++;
    hinted = false;
    claimedUntil = now.plus(claim);
    nextAttemptAt = claimedUntil;
    if (!status.isFinal()) {
      sends++;
      firstSentAt = Objects.requireNonNullElse(firstSentAt, now);
      enter(PaymentStatus.PROCESSING, now, "Sent to the provider");
    }
  }

  boolean isClaimed(Instant now) {
    return claimedUntil != null && claimedUntil.isAfter(now);
  }

  void end(PaymentRules.Step.End end, Instant now) {
    failure = end.failure();
    if (end.operation() != null) {
      providerOperation = end.operation();
    }
    end(end.status(), now);
    if (end.askAgain()) {
      nextAttemptAt = now;
    }
    enter(end.status(), now, end.note());
  }

  private void end(PaymentStatus status, Instant now) {
    this.status = status;
    finalAt = Objects.requireNonNullElse(finalAt, now);
    rest(now);
  }

  void backToPending(String reason, Instant now, Instant next) {
    sends--;
    firstSentAt = null;
    again(next, now);
    enter(PaymentStatus.PENDING, now, reason);
  }

  void stay(PaymentRules.Step.Wait wait, Instant now, Instant next) {
    if (!wait.sent()) {
      sends--;
    }
    again(next, now);
    if (!status.isFinal()) {
      enter(PaymentStatus.PROCESSING, now, wait.reason());
    }
  }

  /** The provider may still come to know the key, if a request was long on its way. */
  void attend(PaymentRules.Step.Attend attend, Instant now) {
    attention = attend.why();
    again(attention == Attention.EXPIRED_KEY ? now.plus(ATTENDED_PAUSE) : null, now);
    enter(status, now, attend.note());
  }

  void rest(Instant now) {
    again(null, now);
  }

  /** A hint that came while somebody was asking is not forgotten. */
  private void again(@Nullable Instant next, Instant now) {
    claimedUntil = null;
    nextAttemptAt = hinted ? now : next;
  }

  /** A person has looked: each time, also for the same reason as before. */
  void decided(String note, Instant now) {
    attention = null;
    PaymentStep step = new PaymentStep(status, now, note);
    if (!timeline.contains(step)) {
      timeline.add(step);
    }
  }

  /** The timeline tells each thing once, however often it is tried. */
  private void enter(PaymentStatus next, Instant now, String note) {
    boolean known =
        timeline.stream().anyMatch(step -> step.status() == next && step.note().equals(note));
    status = next;
    if (!known) {
      timeline.add(new PaymentStep(next, now, note));
    }
  }

  /**
   * @param memory how long the provider surely knows a key
   */
  PaymentRules.Standing standing(Instant now, Duration memory) {
    boolean keyKnown = firstSentAt == null || now.isBefore(firstSentAt.plus(memory));
    return new PaymentRules.Standing(
        status, attempts, sends, keyKnown, attention, providerOperation);
  }

  /** The same at each attempt. */
  ProviderRequest order() {
    ProviderRequest.Kind what =
        switch (request.kind()) {
          case PAY_IN -> ProviderRequest.Kind.CHARGE;
          case PAY_OUT -> ProviderRequest.Kind.PAYOUT;
          case REFUND -> ProviderRequest.Kind.REFUND;
        };
    return new ProviderRequest(
        what,
        getId(),
        request.money().minorUnits(),
        request.money().currencyCode(),
        request.instrument(),
        request.refundOf());
  }

  Money money() {
    return request.money();
  }

  PaymentRequest request() {
    return request;
  }

  int attempts() {
    return attempts;
  }

  @Nullable String problem() {
    return problem;
  }

  @Nullable UUID hold() {
    return hold;
  }

  @Nullable String providerOperation() {
    return providerOperation;
  }

  @Nullable String traceparent() {
    return traceparent;
  }

  public UUID getId() {
    return Objects.requireNonNull(id, "not persisted yet");
  }

  @JsonIgnore
  public String getOwner() {
    return request.keyed().owner();
  }

  public UUID getAccount() {
    return request.account();
  }

  public PaymentKind getKind() {
    return request.kind();
  }

  /** Minor units. */
  public long getAmount() {
    return request.money().minorUnits();
  }

  /** Minor units; what has gone back for good. */
  public long getRefunded() {
    return refunded;
  }

  public String getCurrency() {
    return request.money().currencyCode();
  }

  public PaymentStatus getStatus() {
    return status;
  }

  /** Null if nobody has to look. */
  public @Nullable Attention getAttention() {
    return attention;
  }

  public @Nullable Failure getFailure() {
    return failure;
  }

  /** Of a refund the payment that is refunded. */
  public @Nullable UUID getPayment() {
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

  public List<PaymentStep> getTimeline() {
    return List.copyOf(timeline);
  }
}
