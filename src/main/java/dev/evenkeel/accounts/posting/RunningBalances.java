package dev.evenkeel.accounts.posting;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.Hold;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.accounts.TransferId;
import dev.evenkeel.database.Ids;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.money.Money;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The accounts and holds of a batch, as the decisions made so far leave them. Each new transfer or
 * hold is made here, so that the next decision sees its effect.
 */
final class RunningBalances {

  private final Map<AccountId, Account> accounts;
  private final Map<TransferId, Hold> holds;
  private final Map<AccountId, Instant> earliest = new HashMap<>();
  private final Instant clock;

  RunningBalances(LedgerState state) {
    this.accounts = new HashMap<>(state.accounts());
    this.holds = new HashMap<>(state.holds());
    this.clock = state.clock();
    accounts.keySet().forEach(id -> earliest.put(id, state.earliest(id)));
  }

  /** Finds a customer's account; the ledger's own accounts have no running balance. */
  @Nullable Account find(AccountId id) {
    return accounts.get(id);
  }

  Account account(AccountId id) {
    return Objects.requireNonNull(accounts.get(id), "accounts are never deleted");
  }

  /** Returns the hold that the request captures. */
  Hold hold(PostingRequest request) {
    return Objects.requireNonNull(holds.get(request.hold()), "holds are never deleted");
  }

  Decision post(PostingRequest request, AccountId from, AccountId to, Money money) {
    List<Transfer.Entry> entries = entries(from, to, money.minorUnits());
    return post(request, entries, money.currencyCode(), null);
  }

  /** Captures a part of the hold or all of it, and releases the rest. */
  Decision capture(PostingRequest request, long amount) {
    Hold hold = hold(request);
    Hold captured = hold.ended(Hold.Status.CAPTURED, amount);
    holds.put(hold.id(), captured);
    changeHeld(hold.from(), -hold.amount());
    return post(request, entries(hold.from(), hold.to(), amount), hold.currency(), captured);
  }

  Decision post(
      PostingRequest request,
      List<Transfer.Entry> entries,
      String currency,
      @Nullable Hold captured) {
    List<AccountId> changed = new ArrayList<>();
    entries.forEach(entry -> changed.add(entry.account()));
    if (request.debtor() != null) {
      changed.add(request.debtor());
    }
    Transfer transfer =
        new Transfer(
            new TransferId(Ids.next()),
            request.key().owner(),
            entries.getFirst().account(),
            entries.getLast().account(),
            entries.getLast().amount(),
            currency,
            captured == null ? request.description() : captured.description(),
            request.reference(),
            request.metadata(),
            request.payment(),
            request.reversalOf(),
            null,
            request.hold(),
            time(changed),
            entries);
    return new Decision(request, new Outcome.Done<>(transfer), captured);
  }

  private List<Transfer.Entry> entries(AccountId from, AccountId to, long amount) {
    return List.of(entry(from, -amount), entry(to, amount));
  }

  /** Changes the account's balance by an entry of a transfer. */
  Transfer.Entry entry(AccountId id, long amount) {
    Account account = accounts.computeIfPresent(id, (_, before) -> before.after(amount));
    return new Transfer.Entry(
        id,
        amount,
        account == null
            ? null
            : new Transfer.Entry.Customer(
                account.owner(), account.name(), account.sequence(), account.posted()));
  }

  /**
   * Reserves money of an account.
   *
   * @param expiresIn null for a hold that never expires
   */
  Decision place(
      PostingRequest request,
      AccountId from,
      AccountId to,
      Money money,
      @Nullable Duration expiresIn) {
    changeHeld(from, money.minorUnits());
    Hold hold =
        new Hold(
            new TransferId(Ids.next()),
            request.key().owner(),
            from,
            to,
            money.minorUnits(),
            0,
            money.currencyCode(),
            request.description(),
            Hold.Status.HELD,
            expiresIn == null ? null : clock.plus(expiresIn),
            time(List.of(from)));
    return new Decision(request, new Outcome.Done<>(hold), null);
  }

  /**
   * Returns the time of a posting, which is not earlier than any before it of the same customers'
   * accounts.
   */
  private Instant time(List<AccountId> changed) {
    Instant time = clock;
    for (AccountId id : changed) {
      Instant ofAccount = earliest.getOrDefault(id, clock);
      time = ofAccount.isAfter(time) ? ofAccount : time;
    }
    for (AccountId id : changed) {
      earliest.replace(id, time);
    }
    return time;
  }

  void changeHeld(AccountId id, long amount) {
    accounts.computeIfPresent(id, (_, before) -> before.holding(amount));
  }

  void changeOwed(AccountId id, long amount) {
    accounts.computeIfPresent(id, (_, before) -> before.owing(amount));
  }
}
