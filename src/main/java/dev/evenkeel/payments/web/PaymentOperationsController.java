package dev.evenkeel.payments.web;

import static org.springframework.http.MediaType.APPLICATION_JSON_VALUE;

import dev.evenkeel.http.Caller;
import dev.evenkeel.http.CursorPage;
import dev.evenkeel.http.CursorRequest;
import dev.evenkeel.http.ExpensiveRead;
import dev.evenkeel.http.RequiresScope;
import dev.evenkeel.http.body.VisibleText;
import dev.evenkeel.idempotency.IdempotentResponses;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.money.Money;
import dev.evenkeel.payments.Payment;
import dev.evenkeel.payments.PaymentId;
import dev.evenkeel.payments.PaymentOperations;
import dev.evenkeel.payments.PaymentProblem;
import dev.evenkeel.payments.Reconciliation;
import dev.evenkeel.problems.ProblemException;
import dev.evenkeel.problems.Problems;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.io.IOException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.hibernate.validator.constraints.CodePointLength;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Lets operators resolve payments and reconcile them with the provider. */
@RestController
@RequestMapping(path = "/v1/operations", produces = APPLICATION_JSON_VALUE)
@RequiresScope(read = "operations", write = "operations")
class PaymentOperationsController {

  private final PaymentOperations operations;
  private final Reconciliation reconciliation;

  PaymentOperationsController(PaymentOperations operations, Reconciliation reconciliation) {
    this.operations = operations;
    this.reconciliation = reconciliation;
  }

  @GetMapping("/payments/unresolved")
  CursorPage<PaymentResponse> unresolved(CursorRequest page, Caller caller) {
    PaymentId after = new PaymentId(page.afterId());
    return CursorPage.of(
        page,
        operations.unresolved(after, page.lookAhead()),
        Payment::getId,
        payment -> PaymentResponse.of(payment, caller));
  }

  /**
   * @param amount what has really moved, where that differs
   */
  record DecisionRequest(
      @NotNull @Pattern(regexp = "succeeded|failed") String outcome,
      @Min(1) @Max(Money.MAX_AMOUNT) @Nullable Long amount,
      @NotNull @CodePointLength(min = 1, max = 500)
          @Pattern(regexp = VisibleText.PATTERN, message = VisibleText.MESSAGE) String reason) {}

  /** Records an operator's decision; without one, asks the provider now. */
  @Problems({"no-decision-needed", "payment-unreadable", "decision-out-of-range"})
  @PostMapping(path = "/payments/{id}/resolve", consumes = APPLICATION_JSON_VALUE)
  PaymentResponse resolve(
      @PathVariable PaymentId id,
      @Valid @RequestBody(required = false) @Nullable DecisionRequest decision,
      Caller caller) {
    operations.find(id).orElseThrow(ProblemException::notFound);
    if (decision == null) {
      return PaymentResponse.of(operations.ask(id), caller);
    }
    boolean succeeded = decision.outcome().equals("succeeded");
    if (!succeeded && decision.amount() != null) {
      throw ProblemException.invalid("amount", "is only for what has succeeded");
    }
    Outcome<Payment> decided =
        operations.decide(
            id,
            new PaymentOperations.Decision(succeeded, decision.amount(), decision.reason(), null));
    return PaymentResponse.of(IdempotentResponses.result(decided), caller);
  }

  /** Returns the last run for a day; runs if there is none that began after the day's end. */
  @ExpensiveRead("reconciliation")
  @Problems({"provider-unavailable", "reconciliation-under-way"})
  @GetMapping("/reconciliation")
  Reconciliation.Report reconciliation(@RequestParam(name = "day") LocalDate day) {
    return report(() -> reconciliation.find(begun(day)));
  }

  /** Runs the reconciliation of a day anew. */
  @Problems({"provider-unavailable", "reconciliation-under-way"})
  @PostMapping("/reconciliation")
  Reconciliation.Report reconcile(@RequestParam(name = "day") LocalDate day) {
    return report(() -> reconciliation.run(begun(day)));
  }

  private static LocalDate begun(LocalDate day) {
    if (day.isAfter(LocalDate.now(ZoneOffset.UTC))) {
      throw ProblemException.invalid("day", "has not begun in UTC");
    }
    return day;
  }

  private interface Run {
    Outcome<Reconciliation.Report> get() throws IOException;
  }

  private static Reconciliation.Report report(Run run) {
    try {
      return IdempotentResponses.result(run.get());
    } catch (IOException failure) {
      throw new ProblemException(
          PaymentProblem.PROVIDER_UNAVAILABLE,
          "The provider gave no usable response: " + failure.getMessage() + ".");
    }
  }
}
