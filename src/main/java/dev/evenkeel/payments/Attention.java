package dev.evenkeel.payments;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.evenkeel.payments.rules.PaymentRules;
import java.util.Locale;

/**
 * A reason why a payment needs an operator's decision. The most urgent is the first. {@link
 * PaymentRules} raises it unless its constant names another place; {@link PaymentOperations#decide}
 * ends it.
 */
public enum Attention {
  /**
   * Ten attempts in a row to read or end the payment failed: {@code PaymentRepository.postpone}.
   */
  UNREADABLE,
  /**
   * The provider contradicts the final status of the payment. The reconciliation raises it, too:
   * {@link PaymentOperations#raise}.
   */
  CONTRADICTION,
  /** The provider reported an amount or currency that was not requested. */
  AMOUNT_MISMATCH,
  /** The provider may have forgotten the idempotency key, so sending again could charge twice. */
  EXPIRED_KEY,
  /** The provider rejected a later attempt, while an earlier one may still take effect. */
  REJECTED,
  /**
   * The account could not take or give the money, so it is in suspense: {@link
   * PaymentTransitions#carryOut}.
   */
  UNPLACED;

  @JsonValue
  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
