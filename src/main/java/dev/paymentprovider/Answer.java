package dev.paymentprovider;

import dev.paymentprovider.Operation.Status;
import java.util.Map;

/** What a caller is told, before a fault spoils it on its way. */
record Answer(int status, Object body) {

  static Answer of(int status, Operation operation) {
    return new Answer(status, operation);
  }

  static Answer error(int status, String error) {
    return new Answer(status, Map.of("error", error));
  }

  byte[] json() {
    return Json.MAPPER.writeValueAsBytes(body);
  }

  /** One minor unit more than was booked. */
  Answer withAnotherAmount() {
    return body instanceof Operation it ? of(status, it.withAmount(it.amount() + 1)) : this;
  }

  /** Declined, if it was approved. */
  Answer contradicted() {
    return body instanceof Operation it && it.is(Status.APPROVED)
        ? of(status, it.withStatus(Status.DECLINED))
        : this;
  }
}
