package dev.evenkeel.console;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.Accounts;
import dev.evenkeel.accounts.LedgerProblem;
import dev.evenkeel.database.Ids;
import dev.evenkeel.http.Caller;
import dev.evenkeel.http.body.StrictJson;
import dev.evenkeel.problems.Problem;
import dev.evenkeel.problems.ProblemException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The accounts of the person who fills in a form. */
@ConsolePart
@Component
class OwnAccounts {

  private static final int MAX_OFFERED = 100;
  private static final AccountId LAST = new AccountId(Ids.LAST);

  private final Accounts accounts;

  OwnAccounts(Accounts accounts) {
    this.accounts = accounts;
  }

  /** The account that a field names; null, with the ledger's problem, if the person has none. */
  @Nullable Account named(Form form, String field, Caller caller) {
    Account account = find(form.value(field), caller);
    if (account == null) {
      form.refuse(LedgerProblem.accountNotFound(field));
    }
    return account;
  }

  /**
   * The accounts to choose from: the newest ones that are open, and the one that is chosen already.
   */
  List<Account> offered(Caller caller, String chosen) {
    if (!caller.scopes().contains("accounts:read")) {
      throw new ProblemException(Problem.missingScope("accounts:read"));
    }
    List<Account> offered =
        new ArrayList<>(
            accounts.list(caller.owner(), LAST, MAX_OFFERED).stream()
                .filter(it -> it.status() == Account.Status.OPEN)
                .toList());
    Account already = find(chosen, caller);
    if (already != null && offered.stream().noneMatch(it -> it.id().equals(already.id()))) {
      offered.addFirst(already);
    }
    return offered;
  }

  private @Nullable Account find(String id, Caller caller) {
    try {
      return accounts
          .find(new AccountId(StrictJson.uuid(id.strip())))
          .filter(it -> it.owner().equals(caller.owner()))
          .orElse(null);
    } catch (IllegalArgumentException malformed) {
      return null;
    }
  }
}
