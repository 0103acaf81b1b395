package dev.evenkeel.payments;

import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.idempotency.Outcome;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Full and partial refunds of pay-ins. Each is a payment of its own, of the kind refund. */
@Component
public class Refunds {

  private final PaymentRepository payments;
  private final PaymentIntake intake;

  Refunds(PaymentRepository payments, PaymentIntake intake) {
    this.payments = payments;
    this.intake = intake;
  }

  /**
   * Accepts a refund as {@link Payments#accept} accepts a payment. The money is held at once and
   * leaves the account on approval.
   *
   * @param payment an existing payment of the same owner
   * @param amount minor units; null for everything that is left
   */
  @Transactional(propagation = Propagation.NEVER)
  public Outcome<Payment> accept(
      IdempotentRequest request, PaymentId payment, @Nullable Long amount) {
    return intake.submit(new PaymentIntake.NewRefund(request, payment, amount));
  }

  /** Finds a refund of a payment, whoever owns it. Refused requests are not refunds. */
  public Optional<Payment> find(PaymentId payment, PaymentId id) {
    return payments
        .findById(id.value())
        .filter(it -> it.getStatus() != PaymentStatus.REFUSED)
        .filter(it -> payment.equals(it.getPayment()));
  }

  /**
   * Lists the refunds of a payment, newest first.
   *
   * @param after the last id of the previous page
   */
  @Transactional(readOnly = true)
  public List<Payment> list(PaymentId payment, PaymentId after, int limit) {
    return payments.findByIdInOrderByIdDesc(
        payments.listRefunds(payment.value(), after.value(), limit));
  }
}
