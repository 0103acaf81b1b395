package dev.evenkeel.payments;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** Why a person has to look at a payment. */
public enum Attention {
  /** The provider may have forgotten the key by now, so that nothing is sent again. */
  EXPIRED_KEY,
  /** The provider named another amount or currency than it was asked for. */
  AMOUNT_MISMATCH,
  /** The provider contradicts what is final. */
  CONTRADICTION;

  @JsonValue
  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
