package dev.evenkeel.console;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.Accounts;
import dev.evenkeel.accounts.Statements;
import dev.evenkeel.http.Caller;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;

/** Accounts and their entries. Operators read those of any owner. */
@ConsolePart
@Controller
class AccountPages {

  private static final int PAGE = 20;
  private static final AccountId FIRST = new AccountId(new UUID(-1, -1));

  private final Accounts accounts;
  private final Statements statements;

  AccountPages(Accounts accounts, Statements statements) {
    this.accounts = accounts;
    this.statements = statements;
  }

  @GetMapping("/console/accounts")
  String list(
      @RequestParam(name = "owner", required = false) @Nullable String owner,
      @RequestParam(name = "after", required = false) @Nullable AccountId after,
      Caller caller,
      Model model) {
    String of = caller.ownerOrSelf(owner == null || owner.isBlank() ? null : owner.strip());
    List<Account> found = accounts.list(of, after == null ? FIRST : after, PAGE + 1);
    List<Account> shown = found.stream().limit(PAGE).toList();
    model.addAttribute("owner", of);
    model.addAttribute("caller", caller);
    model.addAttribute("accounts", shown);
    model.addAttribute("next", found.size() > PAGE ? shown.getLast().id() : null);
    return "accounts";
  }

  @GetMapping("/console/accounts/{id}")
  String account(
      @PathVariable("id") AccountId id,
      @RequestParam(name = "before", required = false) @Nullable Long before,
      Caller caller,
      Model model) {
    Account account = caller.visible(accounts.find(id), Account::owner);
    List<Statements.Entry> found =
        statements.entries(id, null, null, before == null ? Long.MAX_VALUE : before, PAGE + 1);
    List<Statements.Entry> shown = found.stream().limit(PAGE).toList();
    model.addAttribute("caller", caller);
    model.addAttribute("account", account);
    model.addAttribute("entries", shown);
    model.addAttribute("before", before);
    model.addAttribute("next", found.size() > PAGE ? shown.getLast().sequence() : null);
    return "account";
  }
}
