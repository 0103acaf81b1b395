package dev.paymentprovider;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An operation of the provider: a charge, a payout, a refund, a return or a settlement.
 *
 * @param key the caller's idempotency key; for a return, which no caller requests, its own id
 * @param code why the operation was declined
 * @param of the charge that is refunded, or the operation that is returned
 * @param returns what was taken back of this operation; null if nothing was
 * @param reinstated for a return: whether it was undone; null if not
 * @param captured what was captured of the authorized amount; null if it was not authorized first
 * @param nextAction what the customer has to do before the operation is decided; null if nothing
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
    @Nullable Boolean reinstated,
    @Nullable Long captured,
    @Nullable NextAction nextAction) {

  /** No caller's key begins so. */
  static final String ID_PREFIX = "op_";

  enum Status {
    PENDING,
    /** The amount is reserved until it is captured or canceled. */
    AUTHORIZED,
    APPROVED,
    DECLINED,
    /** Ended by the caller before any money moved. */
    CANCELED,
    /** Only in falsified responses: a status that no caller can know. */
    UNDER_REVIEW
  }

  record NextAction(String redirectUrl) {}

  record Return(String id, long amount, Instant at, @Nullable Boolean reinstated) {}

  static Operation create(
      String key,
      OperationRequest request,
      Status status,
      @Nullable String code,
      @Nullable String of,
      Instant now) {
    return new Operation(newId(), key, request, status, code, of, now, null, null, null, null);
  }

  private static String newId() {
    return ID_PREFIX + UUID.randomUUID();
  }

  static Operation settlement(long amount, String currency, Instant now) {
    var id = newId();
    var request =
        new OperationRequest(
            OperationRequest.Kind.SETTLEMENT, id, amount, currency, null, null, null);
    return create(id, request, Status.APPROVED, null, null, now);
  }

  /** Whether the provider made it, and not its caller. */
  boolean isOfProvider() {
    return request.kind() == OperationRequest.Kind.RETURN
        || request.kind() == OperationRequest.Kind.SETTLEMENT;
  }

  Operation createReturn(long amount, Instant now) {
    var returnId = newId();
    var details = request.as(OperationRequest.Kind.RETURN).with(amount);
    return new Operation(
        returnId, returnId, details, Status.APPROVED, null, id, now, null, null, null, null);
  }

  /** Returns this return as undone. */
  Operation reinstate() {
    return new Operation(
        id, key, request, status, code, of, at, returns, true, captured, nextAction);
  }

  /** Returns the amount that was captured, or that was asked for. */
  long amount() {
    return captured == null ? request.amount() : captured;
  }

  /** Returns the amount that was moved and not taken back. */
  long amountInEffect() {
    var back = returnStream().filter(it -> it.reinstated() == null).mapToLong(Return::amount).sum();
    return status == Status.APPROVED ? amount() - back : 0;
  }

  /** Returns this with a return that is new or has changed. */
  Operation withReturn(Operation returning) {
    var changed =
        new Return(returning.id, returning.request.amount(), returning.at, returning.reinstated);
    var others = returnStream().filter(it -> !it.id().equals(changed.id()));
    var all = Stream.concat(others, Stream.of(changed)).toList();
    return new Operation(
        id, key, request, status, code, of, at, all, reinstated, captured, nextAction);
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
    var shown = with(request.as(request.kind()).with(amount()));
    return new Operation(
        id, key, shown.request, status, code, of, at, returns, reinstated, null, nextAction);
  }

  /** Returns this as decided by the customer, who had to act first. */
  Operation decided(Status status, @Nullable String code) {
    return new Operation(id, key, request, status, code, of, at, returns, reinstated, null, null);
  }

  Operation captured(long amount) {
    return new Operation(
        id, key, request, Status.APPROVED, code, of, at, returns, reinstated, amount, null);
  }

  Operation waitingFor(NextAction action) {
    return new Operation(id, key, request, status, code, of, at, returns, reinstated, null, action);
  }

  Operation with(Status status) {
    return new Operation(
        id, key, request, status, code, of, at, returns, reinstated, captured, nextAction);
  }

  private Operation with(OperationRequest request) {
    return new Operation(
        id, key, request, status, code, of, at, returns, reinstated, captured, nextAction);
  }
}
