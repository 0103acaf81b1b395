package dev.evenkeel.accounts.web;

import static org.springframework.http.MediaType.APPLICATION_JSON_VALUE;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.Accounts;
import dev.evenkeel.accounts.CsvStatement;
import dev.evenkeel.accounts.Statements;
import dev.evenkeel.http.Caller;
import dev.evenkeel.http.CursorPage;
import dev.evenkeel.http.CursorRequest;
import dev.evenkeel.http.ExpensiveRead;
import dev.evenkeel.http.RequiresScope;
import dev.evenkeel.http.Timestamps;
import dev.evenkeel.http.body.VisibleText;
import dev.evenkeel.idempotency.IdempotentOperation;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.idempotency.IdempotentResponses;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.money.IsoCurrency;
import dev.evenkeel.money.Money;
import dev.evenkeel.problems.ProblemException;
import dev.evenkeel.problems.Problems;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.io.IOException;
import java.time.Instant;
import java.util.Objects;
import java.util.function.Function;
import org.hibernate.validator.constraints.CodePointLength;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Opens, shows, freezes and closes accounts; shows their balances and entries. */
@RestController
@RequiresScope(read = "accounts:read", write = "accounts:write")
@RequestMapping(path = "/v1/accounts", produces = APPLICATION_JSON_VALUE)
class AccountController {

  private static final String CSV = "text/csv";

  private final Accounts accounts;
  private final Statements statements;

  AccountController(Accounts accounts, Statements statements) {
    this.accounts = accounts;
    this.statements = statements;
  }

  record AccountRequest(
      @NotNull @CodePointLength(min = 1, max = 100)
          @Pattern(regexp = VisibleText.PATTERN, message = VisibleText.MESSAGE) String name,
      @NotNull @IsoCurrency String currency,
      @Min(0) @Max(Money.MAX_AMOUNT) @Nullable Long overdraftLimit) {}

  @Problems("overdraft-not-allowed")
  @IdempotentOperation(keyRequired = false)
  @PostMapping(consumes = APPLICATION_JSON_VALUE)
  ResponseEntity<Account> open(
      @Valid @RequestBody AccountRequest body, IdempotentRequest request, Caller caller) {
    Outcome<Account> outcome =
        accounts.open(
            new Accounts.Opening(
                request,
                body.name(),
                body.currency(),
                Objects.requireNonNullElse(body.overdraftLimit(), 0L),
                caller.isOperator()));
    return IdempotentResponses.created(
        outcome, account -> "/v1/accounts/" + account.id(), Function.identity());
  }

  record AccountFilter(@Nullable String owner) {}

  @GetMapping
  CursorPage<Account> list(@Valid AccountFilter filter, CursorRequest page, Caller caller) {
    String owner = caller.ownerOrSelf(filter.owner());
    AccountId after = new AccountId(page.afterId());
    return CursorPage.of(page, accounts.list(owner, after, page.lookAhead()), Account::id);
  }

  @GetMapping("/{id}")
  Account account(@PathVariable AccountId id, Caller caller) {
    return caller.visible(accounts.find(id), Account::owner);
  }

  @Problems("account-closed")
  @PostMapping("/{id}/freeze")
  Account freeze(@PathVariable AccountId id, Caller caller) {
    account(id, caller);
    return IdempotentResponses.result(accounts.freeze(id, caller.isOperator()));
  }

  @Problems("account-closed")
  @PostMapping("/{id}/unfreeze")
  Account unfreeze(@PathVariable AccountId id, Caller caller) {
    account(id, caller);
    return IdempotentResponses.result(accounts.unfreeze(id, caller.isOperator()));
  }

  @Problems({"account-not-empty", "account-frozen", "payments-under-way"})
  @PostMapping("/{id}/close")
  Account close(@PathVariable AccountId id, Caller caller) {
    account(id, caller);
    return IdempotentResponses.result(accounts.close(id));
  }

  @GetMapping("/{id}/balance")
  Statements.Balance balance(
      @PathVariable AccountId id,
      @RequestParam(name = "at", required = false) @Nullable Instant at,
      Caller caller) {
    account(id, caller);
    return at == null
        ? statements.balance(id)
        : statements
            .balance(id, Timestamps.floor(at))
            .orElseThrow(() -> ProblemException.invalid("at", "must not be in the future"));
  }

  /**
   * @param from inclusive, so rounded up to the database's precision
   * @param to exclusive
   */
  record EntryFilter(@Nullable Instant from, @Nullable Instant to) {

    EntryFilter {
      from = from == null ? null : Timestamps.ceiling(from);
      to = to == null ? null : Timestamps.floor(to);
    }
  }

  @GetMapping("/{id}/entries")
  CursorPage<Statements.Entry> entries(
      @PathVariable AccountId id, @Valid EntryFilter filter, CursorRequest page, Caller caller) {
    account(id, caller);
    return CursorPage.of(
        page,
        statements.entries(id, filter.from(), filter.to(), page.afterNumber(), page.lookAhead()),
        Statements.Entry::sequence);
  }

  /** Streams the whole statement, oldest entry first. */
  @ExpensiveRead("statements")
  @GetMapping(path = "/{id}/entries", produces = CSV)
  void statement(
      @PathVariable AccountId id,
      @Valid EntryFilter filter,
      Caller caller,
      HttpServletResponse response)
      throws IOException {
    Account account = account(id, caller);
    response.setContentType(CSV + ";charset=utf-8");
    new CsvStatement(statements, account, response.getWriter()).write(filter.from(), filter.to());
  }
}
