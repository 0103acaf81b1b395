package dev.evenkeel.payments;

import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.CloseGuard;
import dev.evenkeel.problems.Problem;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Keeps an account open while payments or refunds of it are not final. */
@Component
class PaymentsUnderWay implements CloseGuard {

  private final PaymentRepository payments;

  PaymentsUnderWay(PaymentRepository payments) {
    this.payments = payments;
  }

  @Override
  public Optional<Problem> objection(AccountId account) {
    return payments.existsUnfinished(account.value())
        ? Optional.of(
            Problem.of(
                PaymentProblem.PAYMENTS_UNDER_WAY,
                "Payments or refunds of the account are not final yet."))
        : Optional.empty();
  }
}
