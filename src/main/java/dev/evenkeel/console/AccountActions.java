package dev.evenkeel.console;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.Accounts;
import dev.evenkeel.http.Caller;
import dev.evenkeel.http.RequiresScope;
import dev.evenkeel.idempotency.Outcome;
import java.util.Locale;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** Freezes, unfreezes and closes accounts: each asks once, and says what it did. */
@ConsolePart
@Controller
@RequiresScope(read = "accounts:write", write = "accounts:write")
class AccountActions {

  private static final String PAGE = "/console/accounts/{id}/{action:freeze|unfreeze|close}";

  private final Accounts accounts;

  AccountActions(Accounts accounts) {
    this.accounts = accounts;
  }

  enum Action {
    FREEZE(
        "Nothing can be moved in or out until it is unfrozen. What the payment provider has decided"
            + " is still posted.",
        "The account is frozen."),
    UNFREEZE("Money can be moved in and out again.", "The account is open again."),
    CLOSE(
        "Only an empty account can be closed, and it cannot be opened again. Its statement stays.",
        "The account is closed.");

    private final String meaning;
    private final String done;

    Action(String meaning, String done) {
      this.meaning = meaning;
      this.done = done;
    }

    String title() {
      return name().charAt(0) + path().substring(1);
    }

    String path() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @GetMapping(PAGE)
  String ask(
      @PathVariable("id") AccountId id,
      @PathVariable("action") String name,
      Caller caller,
      Model model) {
    Account account = caller.visible(accounts.find(id), Account::owner);
    Action action = action(name);
    return new Confirmation(
            "%s %s?".formatted(action.title(), account.name()),
            action.meaning,
            action.title(),
            page(id) + "/" + action.path(),
            page(id))
        .show(model);
  }

  @PostMapping(PAGE)
  String act(
      @PathVariable("id") AccountId id,
      @PathVariable("action") String name,
      Caller caller,
      RedirectAttributes next) {
    caller.visible(accounts.find(id), Account::owner);
    Action action = action(name);
    Outcome<Account> outcome =
        switch (action) {
          case FREEZE -> accounts.freeze(id, caller.isOperator());
          case UNFREEZE -> accounts.unfreeze(id, caller.isOperator());
          case CLOSE -> accounts.close(id);
        };
    return ActionResults.of(outcome, page(id), next, _ -> action.done);
  }

  private static Action action(String path) {
    return Action.valueOf(path.toUpperCase(Locale.ROOT));
  }

  private static String page(AccountId id) {
    return AccountPages.LIST + "/" + id;
  }
}
