package dev.evenkeel.console;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.Accounts;
import dev.evenkeel.accounts.CsvStatement;
import dev.evenkeel.accounts.Hold;
import dev.evenkeel.accounts.Holds;
import dev.evenkeel.accounts.Statements;
import dev.evenkeel.accounts.TransferId;
import dev.evenkeel.database.Ids;
import dev.evenkeel.http.Caller;
import dev.evenkeel.http.ExpensiveRead;
import dev.evenkeel.http.RequiresScope;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;

/** Accounts and their entries. Operators read those of any owner. */
@ConsolePart
@Controller
@RequiresScope(read = "accounts:read", write = "accounts:write")
class AccountPages {

  static final String LIST = "/console/accounts";

  private static final int PAGE = 20;
  private static final AccountId LAST = new AccountId(Ids.LAST);
  private static final TransferId LAST_HOLD = new TransferId(Ids.LAST);
  private static final Duration LINE = Duration.ofDays(30);
  private static final int LINE_STEPS = 60;

  private final Accounts accounts;
  private final Statements statements;
  private final Holds holds;

  AccountPages(Accounts accounts, Statements statements, Holds holds) {
    this.accounts = accounts;
    this.statements = statements;
    this.holds = holds;
  }

  @GetMapping(LIST)
  String list(
      @RequestParam(name = "owner", required = false) @Nullable String owner,
      @RequestParam(name = "after", required = false) @Nullable AccountId after,
      Caller caller,
      Model model) {
    String of = caller.ownerOrSelf(owner == null || owner.isBlank() ? null : owner.strip());
    List<Account> found = accounts.list(of, after == null ? LAST : after, PAGE + 1);
    List<Account> shown = found.stream().limit(PAGE).toList();
    model.addAttribute("owner", of);
    model.addAttribute("accounts", shown);
    model.addAttribute("next", found.size() > PAGE ? shown.getLast().id() : null);
    return "accounts";
  }

  @GetMapping(LIST + "/{id}")
  String account(
      @PathVariable("id") AccountId id,
      Days days,
      @RequestParam(name = "before", required = false) @Nullable Long before,
      Caller caller,
      Model model) {
    Account account = caller.visible(accounts.find(id), Account::owner);
    List<Statements.Entry> found =
        statements.entries(
            id, days.begin(), days.end(), before == null ? Long.MAX_VALUE : before, PAGE + 1);
    List<Statements.Entry> shown = found.stream().limit(PAGE).toList();
    List<Hold> held = holds.list(account.owner(), id, Hold.Status.HELD, LAST_HOLD, PAGE + 1);
    model.addAttribute("account", account);
    model.addAttribute("own", account.owner().equals(caller.owner()));
    model.addAttribute("line", new BalanceLine(statements.moments(id, LINE, LINE_STEPS)));
    model.addAttribute("holds", held.stream().limit(PAGE).toList());
    model.addAttribute("moreHolds", held.size() > PAGE);
    model.addAttribute("entries", shown);
    model.addAttribute("before", before);
    model.addAttribute("next", found.size() > PAGE ? shown.getLast().sequence() : null);
    return "account";
  }

  /** Streams the statement as the API does, and takes the same places. */
  @ExpensiveRead("statements")
  @GetMapping(LIST + "/{id}/statement.csv")
  void statement(
      @PathVariable("id") AccountId id, Days days, Caller caller, HttpServletResponse response)
      throws IOException {
    Account account = caller.visible(accounts.find(id), Account::owner);
    response.setContentType("text/csv;charset=utf-8");
    response.setHeader("Content-Disposition", "attachment; filename=\"statement-" + id + ".csv\"");
    new CsvStatement(statements, account, response.getWriter()).write(days.begin(), days.end());
  }
}
