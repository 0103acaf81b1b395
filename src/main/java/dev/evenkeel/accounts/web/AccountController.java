package dev.evenkeel.accounts.web;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.Accounts;
import dev.evenkeel.accounts.Statements;
import dev.evenkeel.http.Caller;
import dev.evenkeel.http.CursorPage;
import dev.evenkeel.http.CursorRequest;
import dev.evenkeel.http.Input;
import dev.evenkeel.idempotency.IdempotentOperation;
import dev.evenkeel.idempotency.IdempotentResponses;
import dev.evenkeel.money.IsoCurrency;
import dev.evenkeel.money.Money;
import dev.evenkeel.problems.ProblemException;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.UUID;
import java.util.function.Function;
import org.hibernate.validator.constraints.CodePointLength;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** Accounts and their life; what they had, and how they came to it. */
@RestController
class AccountController {

  private final Accounts accounts;
  private final Statements statements;

  AccountController(Accounts accounts, Statements statements) {
    this.accounts = accounts;
    this.statements = statements;
  }

  record AccountRequest(
      @NotNull @CodePointLength(min = 1, max = 100) String name,
      @NotNull @IsoCurrency String currency,
      @Min(0) @Max(Money.MAX_AMOUNT) @Nullable Long overdraftLimit) {}

  @IdempotentOperation
  @PostMapping("/v1/accounts")
  ResponseEntity<Account> open(Caller caller, Input input) {
    var request = input.maybeKeyed(AccountRequest.class);
    Long overdraftLimit = request.body().overdraftLimit();
    var outcome =
        accounts.open(
            new Accounts.Opening(
                request.by(caller),
                request.body().name(),
                request.body().currency(),
                overdraftLimit == null ? 0 : overdraftLimit,
                caller.isOperator()));
    return IdempotentResponses.created(outcome, AccountController::location, Function.identity());
  }

  private static String location(Account account) {
    return "/v1/accounts/" + account.id();
  }

  @GetMapping("/v1/accounts")
  CursorPage<Account> list(Caller caller, Input input) {
    String owner = input.owner(caller);
    CursorRequest window = input.window(owner);
    return CursorPage.of(
        window, accounts.list(owner, window.afterId(), window.lookAhead()), Account::id);
  }

  @GetMapping("/v1/accounts/{id}")
  Account account(@PathVariable UUID id, Caller caller, Input input) {
    Account account = visible(id, caller);
    input.nothing();
    return account;
  }

  @PostMapping("/v1/accounts/{id}/freeze")
  Account freeze(@PathVariable UUID id, Caller caller, Input input) {
    account(id, caller, input);
    return IdempotentResponses.result(accounts.freeze(id, caller.isOperator()));
  }

  @PostMapping("/v1/accounts/{id}/unfreeze")
  Account unfreeze(@PathVariable UUID id, Caller caller, Input input) {
    account(id, caller, input);
    return IdempotentResponses.result(accounts.unfreeze(id, caller.isOperator()));
  }

  @PostMapping("/v1/accounts/{id}/close")
  Account close(@PathVariable UUID id, Caller caller, Input input) {
    account(id, caller, input);
    return IdempotentResponses.result(accounts.close(id));
  }

  private Account visible(UUID id, Caller caller) {
    return caller.visible(accounts.find(id), Account::owner);
  }

  @GetMapping("/v1/accounts/{id}/balance")
  Statements.Balance balance(@PathVariable UUID id, Caller caller, Input input) {
    visible(id, caller);
    return input
        .instant("at")
        .map(at ->
            statements
                .balance(id, at)
                .orElseThrow(() -> ProblemException.invalid("at", "must not be in the future")))
        .orElseGet(() -> statements.balance(id));
  }

  /** A page of it as JSON, or the whole as CSV. */
  @GetMapping("/v1/accounts/{id}/entries")
  @Nullable ResponseEntity<CursorPage<Statements.Entry>> entries(
      @PathVariable UUID id, Caller caller, Input input, HttpServletResponse response)
      throws IOException {
    Account account = visible(id, caller);
    boolean csv = input.wantsCsv();
    Instant from = input.instant("from").orElse(null);
    Instant to = input.instant("to").orElse(null);
    if (csv) {
      response.setContentType("text/csv;charset=utf-8");
      response.setCharacterEncoding(StandardCharsets.UTF_8);
      new CsvStatement(statements, account, response.getWriter()).write(from, to);
      return null;
    }
    CursorRequest window = input.window(from, to);
    return ResponseEntity.ok(
        CursorPage.of(
            window,
            statements.entries(id, from, to, window.afterNumber(), window.lookAhead()),
            Statements.Entry::sequence));
  }
}
