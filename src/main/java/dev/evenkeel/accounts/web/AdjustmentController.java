package dev.evenkeel.accounts.web;

import static org.springframework.http.MediaType.APPLICATION_JSON_VALUE;

import dev.evenkeel.accounts.Adjustment;
import dev.evenkeel.accounts.Adjustments;
import dev.evenkeel.http.Caller;
import dev.evenkeel.http.CursorPage;
import dev.evenkeel.http.CursorRequest;
import dev.evenkeel.http.RequiresScope;
import dev.evenkeel.http.body.VisibleText;
import dev.evenkeel.idempotency.IdempotentOperation;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.idempotency.IdempotentResponses;
import dev.evenkeel.money.IsoCurrency;
import dev.evenkeel.money.Money;
import dev.evenkeel.problems.ProblemException;
import dev.evenkeel.problems.Problems;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.util.UUID;
import java.util.function.Function;
import org.hibernate.validator.constraints.CodePointLength;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Lets operators correct the ledger. One proposes an adjustment, another approves it. */
@RestController
@RequestMapping(path = "/v1/operations/adjustments", produces = APPLICATION_JSON_VALUE)
@RequiresScope(read = "operations", write = "operations")
class AdjustmentController {

  private static final String ACCOUNT =
      "clearing|suspense|receivable|fees|bank|provider-fees"
          + "|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

  private final Adjustments adjustments;

  AdjustmentController(Adjustments adjustments) {
    this.adjustments = adjustments;
  }

  record AdjustmentRequest(
      @NotNull @Pattern(regexp = ACCOUNT) String from,
      @NotNull @Pattern(regexp = ACCOUNT) String to,
      @NotNull @Min(1) @Max(Money.MAX_AMOUNT) Long amount,
      @NotNull @IsoCurrency String currency,
      @NotNull @CodePointLength(min = 1, max = 500)
          @Pattern(regexp = VisibleText.PATTERN, message = VisibleText.MESSAGE) String reason) {}

  @Problems("account-not-found")
  @IdempotentOperation
  @PostMapping(consumes = APPLICATION_JSON_VALUE)
  ResponseEntity<Adjustment> propose(
      @Valid @RequestBody AdjustmentRequest body, IdempotentRequest request) {
    return IdempotentResponses.created(
        adjustments.propose(
            new Adjustments.Proposal(
                request,
                body.from(),
                body.to(),
                Money.of(body.amount(), body.currency()),
                body.reason())),
        adjustment -> "/v1/operations/adjustments/" + adjustment.id(),
        Function.identity());
  }

  record AdjustmentFilter(Adjustment.@Nullable Status status) {}

  @GetMapping
  CursorPage<Adjustment> list(@Valid AdjustmentFilter filter, CursorRequest page) {
    return CursorPage.of(
        page, adjustments.list(filter.status(), page.afterId(), page.lookAhead()), Adjustment::id);
  }

  @GetMapping("/{id}")
  Adjustment adjustment(@PathVariable UUID id) {
    return adjustments.find(id).orElseThrow(ProblemException::notFound);
  }

  @Problems({"same-person", "adjustment-decided"})
  @PostingProblems
  @PostMapping("/{id}/approve")
  Adjustment approve(@PathVariable UUID id, Caller caller) {
    adjustment(id);
    return IdempotentResponses.result(adjustments.approve(id, caller.owner()));
  }

  @Problems("adjustment-decided")
  @PostMapping("/{id}/reject")
  Adjustment reject(@PathVariable UUID id, Caller caller) {
    adjustment(id);
    return IdempotentResponses.result(adjustments.reject(id, caller.owner()));
  }
}
