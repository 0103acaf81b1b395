package dev.evenkeel.payments;

import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.database.Ids;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.idempotency.Outcome;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Pay-ins and pay-outs of customers. */
@Component
public class Payments {

  private static final PaymentId LAST = new PaymentId(Ids.LAST);

  private final PaymentRepository payments;
  private final PaymentIntake intake;
  private final PaymentFollowUps followUps;

  Payments(PaymentRepository payments, PaymentIntake intake, PaymentFollowUps followUps) {
    this.payments = payments;
    this.intake = intake;
    this.followUps = followUps;
  }

  /**
   * Accepts a payment durably and tries to finish it before the deadline; recovery finishes it
   * otherwise. Runs transactions of its own and calls the provider between them.
   */
  @Transactional(propagation = Propagation.NEVER)
  public Outcome<Payment> accept(PaymentRequest request) {
    return intake.submit(request);
  }

  /** Accepts a payment as {@link #accept} does, for modules to which its id is enough. */
  @Transactional(propagation = Propagation.NEVER)
  public Outcome<PaymentId> submit(PaymentRequest request) {
    return accept(request).map(Payment::getId);
  }

  /**
   * Cancels a payment of which nothing was ever sent, or that waits at the provider, which is told
   * before the deadline or later. Canceling it again changes nothing.
   */
  @Transactional(propagation = Propagation.NEVER)
  public Outcome<Payment> cancel(PaymentId id) {
    return followUps.cancel(id);
  }

  /**
   * Captures an authorized payment; the rest is released. Runs transactions as {@link #accept}
   * does.
   *
   * @param amount minor units; null for all that is authorized
   */
  @Transactional(propagation = Propagation.NEVER)
  public Outcome<Payment> capture(IdempotentRequest request, PaymentId id, @Nullable Long amount) {
    return followUps.capture(request, id, amount);
  }

  /** Finds a payment by id, whoever owns it. Refunds and refused requests are not payments. */
  public Optional<Payment> find(PaymentId id) {
    return payments
        .findById(id.value())
        .filter(it -> it.getStatus() != PaymentStatus.REFUSED)
        .filter(it -> it.getKind() == PaymentKind.PAY_IN || it.getKind() == PaymentKind.PAY_OUT);
  }

  /** Finds the payment that an owner's request with this idempotency key made. */
  @Transactional(readOnly = true)
  public Optional<PaymentId> findByKey(String owner, String idempotencyKey) {
    return list(owner, null, null, null, idempotencyKey, LAST, 1).stream()
        .findFirst()
        .map(Payment::getId);
  }

  /**
   * Lists an owner's payments, newest first. Filters that are null match everything.
   *
   * @param reference the owner's own reference
   * @param after the last id of the previous page
   */
  @Transactional(readOnly = true)
  public List<Payment> list(
      String owner,
      @Nullable AccountId account,
      @Nullable PaymentStatus status,
      @Nullable String reference,
      @Nullable String idempotencyKey,
      PaymentId after,
      int limit) {
    String name = status == null ? null : status.name();
    UUID of = account == null ? null : account.value();
    List<UUID> ids =
        payments.list(owner, of, name, reference, idempotencyKey, after.value(), limit);
    return payments.findByIdInOrderByIdDesc(ids);
  }
}
