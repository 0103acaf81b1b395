package dev.evenkeel.accounts;

import dev.evenkeel.accounts.posting.AccountRepository;
import dev.evenkeel.accounts.posting.LedgerEvents;
import dev.evenkeel.database.RetryingTransactions;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.evenkeel.idempotency.Outcome;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/** Opens, finds, freezes and closes customer accounts. Each change has its own transaction. */
@Component
public class Accounts {

  private final AccountRepository accounts;
  private final RetryingTransactions transactions;
  private final AccountsSettings settings;
  private final LedgerEvents events;
  private final ObjectProvider<CloseGuard> closeGuards;

  Accounts(
      AccountRepository accounts,
      RetryingTransactions transactions,
      AccountsSettings settings,
      LedgerEvents events,
      ObjectProvider<CloseGuard> closeGuards) {
    this.accounts = accounts;
    this.transactions = transactions;
    this.settings = settings;
    this.events = events;
    this.closeGuards = closeGuards;
  }

  /**
   * A request to open an account.
   *
   * @param request sent by the account's owner
   * @param overdraftLimit minor units, 0 to 10^15
   * @param byOperator whether an operator sends it, who may set any limit
   */
  public record Opening(
      IdempotentRequest request,
      String name,
      String currency,
      long overdraftLimit,
      boolean byOperator) {}

  public Outcome<Account> open(Opening opening) {
    return transactions.run(
        () -> accounts.findReplay(opening.request()).orElseGet(() -> insert(opening)));
  }

  private Outcome<Account> insert(Opening opening) {
    if (opening.overdraftLimit() > settings.maxOverdraft() && !opening.byOperator()) {
      return Outcome.refused(
          LedgerProblem.OVERDRAFT_NOT_ALLOWED,
          "The overdraft limit must not exceed %d.".formatted(settings.maxOverdraft()));
    }
    return new Outcome.Done<>(
        accounts.insert(
            opening.request(), opening.name(), opening.currency(), opening.overdraftLimit()));
  }

  /** Finds an account by id, whoever owns it. */
  public Optional<Account> find(AccountId id) {
    return accounts.find(id);
  }

  /**
   * Lists an owner's accounts, newest first.
   *
   * @param after only accounts with a smaller id
   */
  public List<Account> list(String owner, AccountId after, int limit) {
    return accounts.list(owner, after, limit);
  }

  /** Whether an owner has more accounts than this. */
  public boolean hasMoreThan(int count, String owner) {
    return accounts.hasMoreThan(count, owner);
  }

  /**
   * Stops callers from moving money in or out; what the payment provider has decided is still
   * posted. Freezing a frozen account changes nothing, except that an operator's freeze replaces
   * the owner's.
   *
   * @param byOperator whether only an operator can undo it
   */
  public Outcome<Account> freeze(AccountId id, boolean byOperator) {
    return change(id, account -> AccountRules.freeze(account, byOperator));
  }

  /** Opens a frozen account again. Unfreezing an open account changes nothing. */
  public Outcome<Account> unfreeze(AccountId id, boolean byOperator) {
    return change(id, account -> AccountRules.unfreeze(account, byOperator));
  }

  /**
   * Closes an empty account for good, unless another module objects. Closing a closed account
   * changes nothing.
   */
  public Outcome<Account> close(AccountId id) {
    return change(
        id,
        account -> {
          Outcome<Account> closed = AccountRules.close(account);
          return account.status() == Account.Status.OPEN && closed instanceof Outcome.Done
              ? closeGuards.stream()
                  .flatMap(guard -> guard.objection(id).stream())
                  .findFirst()
                  .map(Outcome::<Account>refused)
                  .orElse(closed)
              : closed;
        });
  }

  private Outcome<Account> change(AccountId id, Function<Account, Outcome<Account>> rule) {
    return transactions.run(() -> {
      Account before = accounts.lockToChangeStatus(id);
      Outcome<Account> outcome = rule.apply(before);
      if (outcome instanceof Outcome.Done<Account>(Account after) && !after.equals(before)) {
        accounts.updateStatus(after);
        if (before.status() == Account.Status.OPEN && after.status() == Account.Status.FROZEN) {
          events.frozen(after);
        }
      }
      return outcome;
    });
  }
}
