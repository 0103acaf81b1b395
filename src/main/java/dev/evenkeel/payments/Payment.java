package dev.evenkeel.payments;

import dev.evenkeel.money.Money;
import dev.evenkeel.payments.provider.Charge;
import jakarta.persistence.CollectionTable;
import jakarta.persistence.Column;
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
import java.util.UUID;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.annotations.UuidGenerator;
import org.hibernate.type.SqlTypes;
import org.jspecify.annotations.Nullable;

/**
 * A payment, and at once its place in the queue of unfinished work. Its id is the reference and the
 * idempotency key that the provider knows it by. Changes only under its row's lock; all times are
 * the database's clock.
 */
@Entity
@Table(schema = "payments")
public class Payment {

  @Id
  @UuidGenerator(style = UuidGenerator.Style.VERSION_7)
  private @Nullable UUID id;

  @Column(updatable = false)
  private String owner;

  @Column(updatable = false)
  private String idempotencyKey;

  @Column(updatable = false)
  private byte[] fingerprint;

  @Column(updatable = false)
  private UUID account;

  @Column(updatable = false)
  @Enumerated(EnumType.STRING)
  private PaymentKind kind;

  @Column(updatable = false)
  private long amount;

  @Column(updatable = false)
  private String currency;

  @Column(updatable = false)
  private String instrument;

  @Column(updatable = false)
  private @Nullable String description;

  @Column(updatable = false)
  private @Nullable String reference;

  @Column(updatable = false)
  @JdbcTypeCode(SqlTypes.JSON)
  private @Nullable Map<String, String> metadata;

  @Enumerated(EnumType.STRING)
  private PaymentStatus status;

  @Column(updatable = false)
  private @Nullable String problem;

  @Embedded private @Nullable Failure failure;
  private @Nullable String providerOperation;
  private @Nullable String attention;
  private int attempts;
  private int sends;
  private @Nullable Instant claimedUntil;
  private @Nullable Instant nextAttemptAt;

  @Column(updatable = false)
  private @Nullable String traceparent;

  @Column(updatable = false)
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

  private Payment(PaymentRequest request, PaymentStatus status, Instant now) {
    this.owner = request.owner();
    this.idempotencyKey = request.key().value();
    this.fingerprint = request.fingerprint().bytes();
    this.account = request.account();
    this.kind = request.kind();
    this.amount = request.money().minorUnits();
    this.currency = request.money().currencyCode();
    this.instrument = request.instrument();
    this.description = request.description();
    this.reference = request.reference();
    this.metadata = request.metadata().isEmpty() ? null : Map.copyOf(request.metadata());
    this.status = status;
    this.createdAt = now;
  }

  /** Accepted, and due at once. */
  static Payment accepted(PaymentRequest request, @Nullable String traceparent, Instant now) {
    Payment payment = new Payment(request, PaymentStatus.PENDING, now);
    payment.traceparent = traceparent;
    payment.nextAttemptAt = now;
    return payment;
  }

  /** Kept for its key only. */
  static Payment refused(PaymentRequest request, String problem, Instant now) {
    Payment payment = new Payment(request, PaymentStatus.REFUSED, now);
    payment.problem = problem;
    payment.finalAt = now;
    return payment;
  }

  /**
   * Before the first byte is sent: from here on the provider may have it. Until the claim ends,
   * nobody else calls the provider for this payment.
   */
  void claim(Instant now, Duration claim) {
    if (status.isFinal()) {
      throw new IllegalStateException("a final payment is not sent");
    }
    attempts++;
    sends++;
    claimedUntil = now.plus(claim);
    nextAttemptAt = claimedUntil;
    enter(PaymentStatus.PROCESSING, now, "Sent to the provider");
  }

  void waitForProvider(Instant now) {
    enter(PaymentStatus.PENDING, now, "Accepted; the provider is not available at the moment");
  }

  void succeed(String operation, Instant now) {
    providerOperation = operation;
    end(PaymentStatus.SUCCEEDED, now, "Approved by the provider");
  }

  void fail(Failure reason, Instant now) {
    failure = reason;
    end(PaymentStatus.FAILED, now, reason.message());
  }

  /** The latest attempt was never sent, and no earlier one was. */
  void backToPending(String reason, Instant now, Instant next) {
    sends--;
    claimedUntil = null;
    nextAttemptAt = next;
    enter(PaymentStatus.PENDING, now, reason);
  }

  void stayProcessing(String reason, boolean sent, Instant now, Instant next) {
    if (!sent) {
      sends--;
    }
    claimedUntil = null;
    nextAttemptAt = next;
    enter(PaymentStatus.PROCESSING, now, reason);
  }

  /** Final states absorb: neither the status nor the ledger changes, but somebody has to look. */
  void contradicted(String answer, Instant now) {
    attention = "contradiction";
    enter(status, now, "The provider contradicts: " + answer);
  }

  private void end(PaymentStatus status, Instant now, String note) {
    claimedUntil = null;
    nextAttemptAt = null;
    finalAt = now;
    enter(status, now, note);
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

  PaymentRules.Standing standing() {
    return new PaymentRules.Standing(status, attempts, sends, providerOperation);
  }

  /** The same at each attempt. */
  Charge charge() {
    return new Charge(getId(), amount, currency, instrument);
  }

  Money money() {
    return Money.of(amount, currency);
  }

  byte[] fingerprint() {
    return fingerprint;
  }

  int attempts() {
    return attempts;
  }

  @Nullable String problem() {
    return problem;
  }

  @Nullable String traceparent() {
    return traceparent;
  }

  public UUID getId() {
    if (id == null) {
      throw new IllegalStateException("not persisted yet");
    }
    return id;
  }

  public String getOwner() {
    return owner;
  }

  public UUID getAccount() {
    return account;
  }

  public PaymentKind getKind() {
    return kind;
  }

  /** Minor units. */
  public long getAmount() {
    return amount;
  }

  public String getCurrency() {
    return currency;
  }

  public @Nullable String getDescription() {
    return description;
  }

  public @Nullable String getReference() {
    return reference;
  }

  public Map<String, String> getMetadata() {
    return metadata == null ? Map.of() : metadata;
  }

  public PaymentStatus getStatus() {
    return status;
  }

  public @Nullable Failure getFailure() {
    return failure;
  }

  /** Why a person has to look at it: {@code contradiction}; null if nobody has to. */
  public @Nullable String getAttention() {
    return attention;
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
