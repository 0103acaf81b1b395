package dev.paymentprovider;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One thing the provider did, as it shows it to its callers.
 *
 * @param key the caller's idempotency key; a return, which no caller asked for, has its own id here
 * @param amount in minor units
 * @param code why it was declined
 * @param of the charge that a refund pays back, or the operation that a return takes back
 * @param returned set once a return took this operation back
 */
record Operation(
    String id,
    String key,
    Kind kind,
    String reference,
    long amount,
    String currency,
    Status status,
    @Nullable String code,
    @Nullable String of,
    Instant at,
    @Nullable Returned returned) {

  enum Kind {
    CHARGE,
    PAYOUT,
    REFUND,
    RETURN
  }

  enum Status {
    PENDING,
    APPROVED,
    DECLINED
  }

  record Returned(String id, long amount, Instant at) {}

  static Operation of(
      String key,
      OperationRequest request,
      Status status,
      @Nullable String code,
      @Nullable String of,
      Instant at) {
    return new Operation(
        newId(),
        key,
        request.kind(),
        request.reference(),
        request.amount(),
        request.currency(),
        status,
        code,
        of,
        at,
        null);
  }

  /** The operation that takes this one back, in full. */
  Operation reversedAt(Instant at) {
    var back = newId();
    return new Operation(
        back, back, Kind.RETURN, reference, amount, currency, Status.APPROVED, null, id, at, null);
  }

  boolean is(Status status) {
    return this.status == status;
  }

  Operation withStatus(Status status) {
    return new Operation(
        id, key, kind, reference, amount, currency, status, code, of, at, returned);
  }

  Operation withAmount(long amount) {
    return new Operation(
        id, key, kind, reference, amount, currency, status, code, of, at, returned);
  }

  Operation withReturn(Operation back) {
    var taken = new Returned(back.id(), back.amount(), back.at());
    return new Operation(id, key, kind, reference, amount, currency, status, code, of, at, taken);
  }

  private static String newId() {
    return "op_" + UUID.randomUUID();
  }
}
