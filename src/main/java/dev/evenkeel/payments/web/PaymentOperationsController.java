package dev.evenkeel.payments.web;

import dev.evenkeel.http.Caller;
import dev.evenkeel.http.CursorPage;
import dev.evenkeel.http.CursorRequest;
import dev.evenkeel.http.Input;
import dev.evenkeel.idempotency.IdempotentResponses;
import dev.evenkeel.payments.Payment;
import dev.evenkeel.payments.PaymentOperations;
import dev.evenkeel.payments.PaymentProblem;
import dev.evenkeel.payments.Reconciliation;
import dev.evenkeel.problems.ProblemException;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.UUID;
import org.hibernate.validator.constraints.CodePointLength;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** Payments and refunds as operators see them, whoever owns them. */
@RestController
class PaymentOperationsController {

  private final PaymentOperations operations;
  private final Reconciliation reconciliation;

  PaymentOperationsController(PaymentOperations operations, Reconciliation reconciliation) {
    this.operations = operations;
    this.reconciliation = reconciliation;
  }

  record Decision(
      @NotNull @Pattern(regexp = "succeeded|failed") String outcome,
      @NotNull @CodePointLength(min = 1, max = 500) String reason) {}

  @GetMapping("/v1/operations/payments/unresolved")
  CursorPage<Payment> unresolved(Caller caller, Input input) {
    caller.requireOperator();
    CursorRequest window = input.window();
    return CursorPage.of(
        window, operations.unresolved(window.afterId(), window.lookAhead()), Payment::getId);
  }

  /** Without a body the provider is asked now. */
  @PostMapping("/v1/operations/payments/{id}/resolve")
  Payment resolve(@PathVariable UUID id, Caller caller, Input input) {
    caller.requireOperator();
    operations.find(id).orElseThrow(ProblemException::notFound);
    return input
        .maybeBody(Decision.class)
        .map(decision ->
            IdempotentResponses.result(
                operations.decide(id, decision.outcome().equals("succeeded"), decision.reason())))
        .orElseGet(() -> operations.ask(id));
  }

  @GetMapping("/v1/operations/reconciliation")
  Reconciliation.Report reconcile(Caller caller, Input input) {
    caller.requireOperator();
    LocalDate day =
        input
            .text("day")
            .map(PaymentOperationsController::day)
            .orElseThrow(() -> ProblemException.invalid("day", "must be given"));
    try {
      return reconciliation.compare(day);
    } catch (IOException failure) {
      throw new ProblemException(
          PaymentProblem.PROVIDER_UNAVAILABLE,
          "The provider gave no usable answer: " + failure.getMessage() + ".");
    }
  }

  private static LocalDate day(String text) {
    try {
      LocalDate day = LocalDate.parse(text);
      if (day.getYear() >= 1970 && day.getYear() < 10_000) {
        return day;
      }
    } catch (DateTimeException malformed) {
      // falls through
    }
    throw ProblemException.invalid("day", "must be a day such as 2026-01-31");
  }
}
