package dev.evenkeel.accounts.web;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.Accounts;
import dev.evenkeel.accounts.Entry;
import dev.evenkeel.accounts.Statements;
import dev.evenkeel.platform.Caller;
import dev.evenkeel.platform.Input;
import dev.evenkeel.platform.Page;
import dev.evenkeel.platform.Problem;
import dev.evenkeel.platform.ProblemException;
import dev.evenkeel.platform.Window;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** What an account had, and how it came to it. */
@RestController
class StatementController {

  private final Accounts accounts;
  private final Statements statements;

  StatementController(Accounts accounts, Statements statements) {
    this.accounts = accounts;
    this.statements = statements;
  }

  @GetMapping("/v1/accounts/{id}/balance")
  Statements.Balance balance(@PathVariable UUID id, Caller caller, Input input) {
    Account account = visible(id, caller);
    return input
        .instant("at")
        .map(at ->
            statements
                .balance(account.id(), at)
                .orElseThrow(
                    () -> new ProblemException(Problem.invalid("at", "must not be in the future"))))
        .orElseGet(() -> statements.balance(account.id()));
  }

  /** A page of it as JSON, or the whole as CSV. */
  @GetMapping("/v1/accounts/{id}/entries")
  @Nullable ResponseEntity<Page<Entry>> entries(
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
    Window window = input.window(from, to);
    return ResponseEntity.ok(
        Page.of(
            window,
            statements.entries(account.id(), from, to, window.afterNumber(), window.lookAhead()),
            Entry::sequence,
            Function.identity()));
  }

  private Account visible(UUID id, Caller caller) {
    return accounts
        .find(id)
        .filter(account -> caller.maySee(account.owner()))
        .orElseThrow(ProblemException::notFound);
  }
}
