package dev.paymentprovider;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An operation of the provider: a charge, a payout, a refund or a return.
 *
 * @param key the caller's idempotency key; for a return, which no caller requests, its own id
 * @param code why the operation was declined
 * @param of the charge that is refunded, or the operation that is returned
 * @param returns what was taken back of this operation; null if nothing was
 * @param reinstated for a return: whether it was undone; null if not
 */
record Operation(
    String id,
    String key,
    @JsonUnwrapped OperationRequest request,
    Status status,
    @Nullable String code,
    @Nullable String of,
    Instant at,
    @Nullable List<Return> returns,
    @Nullable Boolean reinstated) {

  enum Status {
    PENDING,
    APPROVED,
    DECLINED,
    /** Only in falsified responses: a status that no caller can know. */
    UNDER_REVIEW
  }

  record Return(String id, long amount, Instant at, @Nullable Boolean reinstated) {}

  static Operation create(
      String key,
      OperationRequest request,
      Status status,
      @Nullable String code,
      @Nullable String of,
      Instant now) {
    return new Operation(newId(), key, request, status, code, of, now, null, null);
  }

  private static String newId() {
    return "op_" + UUID.randomUUID();
  }

  Operation createReturn(long amount, Instant now) {
    var returnId = newId();
    var details = request.with(OperationRequest.Kind.RETURN, null, null).with(amount);
    return new Operation(returnId, returnId, details, Status.APPROVED, null, id, now, null, null);
  }

  /** Returns this return as undone. */
  Operation reinstate() {
    return new Operation(id, key, request, status, code, of, at, returns, true);
  }

  /** Returns the amount that was moved and not taken back. */
  long amountInEffect() {
    var back = returnStream().filter(it -> it.reinstated() == null).mapToLong(Return::amount).sum();
    return status == Status.APPROVED ? request.amount() - back : 0;
  }

  /** Returns this with a return that is new or has changed. */
  Operation withReturn(Operation returning) {
    var changed =
        new Return(returning.id, returning.request.amount(), returning.at, returning.reinstated);
    var others = returnStream().filter(it -> !it.id().equals(changed.id()));
    var all = Stream.concat(others, Stream.of(changed)).toList();
    return new Operation(id, key, request, status, code, of, at, all, reinstated);
  }

  private Stream<Return> returnStream() {
    return returns == null ? Stream.empty() : returns.stream();
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
    return new Operation(id, key, request, status, code, of, at, returns, reinstated);
  }

  private Operation with(OperationRequest request) {
    return new Operation(id, key, request, status, code, of, at, returns, reinstated);
  }
}
