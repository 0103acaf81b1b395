package dev.evenkeel.payments;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.UUID;

/** The id of a payment or of a refund, which is a payment of its own kind. */
public record PaymentId(@JsonValue UUID value) {

  @Override
  public String toString() {
    return value.toString();
  }
}
