package dev.evenkeel.payments;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** The reason why a payment needs an operator's decision. */
public enum Attention {
  /** The provider may have forgotten the idempotency key, so sending again could charge twice. */
  EXPIRED_KEY,
  /** The provider rejected a later attempt, while an earlier one may still take effect. */
  REJECTED,
  /** The provider reported an amount or currency that was not requested. */
  AMOUNT_MISMATCH,
  /** The provider contradicts the final status of the payment. */
  CONTRADICTION,
  /** Every attempt to read or to end the payment fails. */
  UNREADABLE,
  /** The account could not take or give the money, so it is in suspense. */
  UNPLACED;

  /** Whether the provider may still decide the payment, so that it is worth asking. */
  boolean mayEndByItself() {
    return this == EXPIRED_KEY || this == REJECTED;
  }

  @JsonValue
  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
