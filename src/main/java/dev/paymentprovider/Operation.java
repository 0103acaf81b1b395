package dev.paymentprovider;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An operation of the provider: a charge, a payout, a refund or a return.
 *
 * @param key the caller's idempotency key; for a return, which no caller requests, its own id
 * @param code why the operation was declined
 * @param of the charge that is refunded, or the operation that is returned
 * @param returned set once this operation has been returned
 */
record Operation(
    String id,
    String key,
    @JsonUnwrapped OperationRequest request,
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

  /** Creates the return of this operation, in full. */
  Operation createReturn() {
    var returnId = newId();
    var details = request.with(OperationRequest.Kind.RETURN, null, null);
    return new Operation(returnId, returnId, details, Status.APPROVED, null, id, now(), null);
  }

  /** Returns whether this was approved and has not been returned. */
  boolean inEffect() {
    return status == Status.APPROVED && returned == null;
  }

  Operation returnedBy(Operation other) {
    var returned = new Returned(other.id, other.request.amount(), other.at);
    return new Operation(id, key, request, status, code, of, at, returned);
  }

  /** Returns this as declined, if it was approved. */
  Operation contradicted() {
    return status == Status.APPROVED ? with(Status.DECLINED) : this;
  }

  /** Returns this with one minor unit more than was recorded. */
  Operation withWrongAmount() {
    return with(request.with(request.amount() + 1));
  }

  /** Returns this as callers see it: without the instrument and the requested charge. */
  Operation forCallers() {
    return with(request.with(request.kind(), null, null));
  }

  Operation with(Status status) {
    return new Operation(id, key, request, status, code, of, at, returned);
  }

  private Operation with(OperationRequest request) {
    return new Operation(id, key, request, status, code, of, at, returned);
  }
}
