package dev.paymentprovider;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One thing the provider did.
 *
 * @param key the caller's idempotency key; a return, which no caller asked for, has its own id here
 * @param code why it was declined
 * @param of the charge that a refund pays back, or the operation that a return takes back
 * @param returned set once a return took this operation back
 */
record Operation(
    String id,
    String key,
    @JsonUnwrapped Order order,
    Status status,
    @Nullable String code,
    @Nullable String of,
    Instant at,
    @Nullable Returned returned) {

  enum Status {
    PENDING,
    APPROVED,
    DECLINED
  }

  record Returned(String id, long amount, Instant at) {}

  static String newId() {
    return "op_" + UUID.randomUUID();
  }

  static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.MICROS);
  }

  /** The operation that takes this one back, in full. */
  Operation takenBack() {
    var back = newId();
    var returned = order.with(Order.Kind.RETURN, null, null);
    return new Operation(back, back, returned, Status.APPROVED, null, id, now(), null);
  }

  /** Approved, and not taken back. */
  boolean stands() {
    return status == Status.APPROVED && returned == null;
  }

  Operation takenBackBy(Operation back) {
    var returned = new Returned(back.id, back.order.amount(), back.at);
    return new Operation(id, key, order, status, code, of, at, returned);
  }

  /** Declined, if it was approved. */
  Operation contradicted() {
    return status == Status.APPROVED ? with(Status.DECLINED) : this;
  }

  /** One minor unit more than was booked. */
  Operation withAnotherAmount() {
    return with(order.with(order.amount() + 1));
  }

  /** As callers see it: without what it was paid with. */
  Operation shown() {
    return with(order.with(order.kind(), null, null));
  }

  Operation with(Status status) {
    return new Operation(id, key, order, status, code, of, at, returned);
  }

  private Operation with(Order order) {
    return new Operation(id, key, order, status, code, of, at, returned);
  }
}
