package dev.evenkeel.accounts.web;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.Accounts;
import dev.evenkeel.accounts.Entry;
import dev.evenkeel.accounts.Statements;
import dev.evenkeel.money.IsoCurrency;
import dev.evenkeel.money.Money;
import dev.evenkeel.platform.Caller;
import dev.evenkeel.platform.Input;
import dev.evenkeel.platform.KeyedOperation;
import dev.evenkeel.platform.Page;
import dev.evenkeel.platform.ProblemException;
import dev.evenkeel.platform.Replies;
import dev.evenkeel.platform.Window;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.time.Instant;
import java.util.Locale;
import java.util.UUID;
import org.hibernate.validator.constraints.CodePointLength;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** Accounts and their entries. */
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

  record AccountBody(
      UUID id,
      String name,
      String currency,
      String status,
      Balance balance,
      long sequence,
      long overdraftLimit,
      Instant createdAt) {

    record Balance(long posted, long held, long available) {}

    static AccountBody of(Account account) {
      return new AccountBody(
          account.id(),
          account.name(),
          account.currency(),
          account.status().name().toLowerCase(Locale.ROOT),
          new Balance(account.posted(), account.held(), account.available()),
          account.sequence(),
          account.overdraftLimit(),
          account.createdAt());
    }
  }

  record EntryBody(
      UUID id,
      long sequence,
      UUID transferId,
      long amount,
      long balanceAfter,
      @Nullable String description,
      Instant postedAt) {

    static EntryBody of(Entry entry) {
      return new EntryBody(
          entry.id(),
          entry.sequence(),
          entry.transfer(),
          entry.amount(),
          entry.balanceAfter(),
          entry.description(),
          entry.postedAt());
    }
  }

  @KeyedOperation
  @PostMapping("/v1/accounts")
  ResponseEntity<AccountBody> open(Caller caller, Input input) {
    var request = input.maybeKeyed(AccountRequest.class);
    Long overdraftLimit = request.body().overdraftLimit();
    var outcome =
        accounts.open(
            new Accounts.Opening(
                caller.owner(),
                request.key(),
                request.fingerprint(),
                request.body().name(),
                request.body().currency(),
                overdraftLimit == null ? 0 : overdraftLimit,
                caller.isOperator()));
    return Replies.of(outcome, AccountController::location, AccountBody::of);
  }

  private static String location(Account account) {
    return "/v1/accounts/" + account.id();
  }

  @GetMapping("/v1/accounts/{id}")
  AccountBody account(@PathVariable UUID id, Caller caller) {
    return AccountBody.of(visible(id, caller));
  }

  @GetMapping("/v1/accounts/{id}/entries")
  Page<EntryBody> entries(@PathVariable UUID id, Caller caller, Input input) {
    Account account = visible(id, caller);
    Instant from = input.instant("from").orElse(null);
    Instant to = input.instant("to").orElse(null);
    Window window = input.window(from, to);
    return Page.of(
        window,
        statements.entries(account.id(), from, to, window.beforeNumber(), window.lookAhead()),
        Entry::sequence,
        EntryBody::of);
  }

  private Account visible(UUID id, Caller caller) {
    return accounts
        .find(id)
        .filter(account -> caller.maySee(account.owner()))
        .orElseThrow(ProblemException::notFound);
  }
}
