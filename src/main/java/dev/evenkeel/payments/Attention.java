package dev.evenkeel.payments;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** A reason why a payment needs an operator's decision. The most urgent is the first. */
public enum Attention {
  /** Every attempt to read or to end the payment fails. */
  UNREADABLE,
  /** The provider contradicts the final status of the payment. */
  CONTRADICTION,
  /** The provider reported an amount or currency that was not requested. */
  AMOUNT_MISMATCH,
  /** The provider may have forgotten the idempotency key, so sending again could charge twice. */
  EXPIRED_KEY,
  /** The provider rejected a later attempt, while an earlier one may still take effect. */
  REJECTED,
  /** The account could not take or give the money, so it is in suspense. */
  UNPLACED;

  @JsonValue
  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
