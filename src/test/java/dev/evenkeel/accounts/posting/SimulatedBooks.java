package dev.evenkeel.accounts.posting;

import static java.util.Objects.requireNonNull;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.Books;
import dev.evenkeel.accounts.Hold;
import dev.evenkeel.accounts.LedgerRecord;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.accounts.TransferId;
import dev.evenkeel.idempotency.Outcome;
import dev.testing.simulation.SimulatedDatabase;
import dev.testing.simulation.SimulatedDatabase.Table;
import java.util.Currency;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The books in memory. What becomes of a request is decided by the ledger's own rules. */
public final class SimulatedBooks implements Books {

  public static final AccountId CLEARING =
      SystemAccount.PROVIDER_CLEARING.in(Currency.getInstance("EUR"));
  public static final AccountId RECEIVABLE =
      SystemAccount.RECEIVABLE.in(Currency.getInstance("EUR"));

  private final SimulatedDatabase database;
  private final Table<UUID, Account> accounts;
  private final Table<String, Decision> decisions;
  private final Table<UUID, Hold> holds;

  public SimulatedBooks(SimulatedDatabase database) {
    this.database = database;
    this.accounts = new Table<>(database);
    this.decisions = new Table<>(database);
    this.holds = new Table<>(database);
  }

  /** Adds an account, in a transaction of the caller. */
  public void open(Account account) {
    accounts.put(account.id().value(), account);
  }

  /** How many commits have changed what belongs to payments. */
  public int commits() {
    return decisions.commits() + holds.commits();
  }

  /** The accounts that every transaction sees. */
  public List<Account> accounts() {
    return accounts.committed();
  }

  /** The committed hold with this id. */
  public @Nullable Hold hold(TransferId id) {
    return holds.committed(id.value());
  }

  /** All committed transfers. */
  public List<Transfer> transfers() {
    return decisions.committed().stream()
        .map(Decision::made)
        .filter(Transfer.class::isInstance)
        .map(Transfer.class::cast)
        .toList();
  }

  /** The committed transfer of a payment under this key; null if nothing was posted. */
  public @Nullable Transfer settlement(String key) {
    Decision decision = decisions.committed(key(PostingRequest.Operation.PAYMENT, key));
    return decision != null && decision.made() instanceof Transfer posted ? posted : null;
  }

  private static String key(PostingRequest request) {
    return key(request.key().operation(), request.key().value());
  }

  private static String key(PostingRequest.Operation operation, String key) {
    return operation + "/" + key;
  }

  /** What an account of the ledger itself has gained or lost by a transfer. */
  public static long entry(Transfer transfer, AccountId account) {
    return transfer.entries().stream()
        .filter(it -> it.account().equals(account))
        .mapToLong(Transfer.Entry::amount)
        .sum();
  }

  @Override
  public Optional<Account> account(AccountId id) {
    return Optional.ofNullable(accounts.get(id.value()));
  }

  /** How many transfers settle payments: each belongs to a payment or to one of its movements. */
  public long settlements() {
    return decisions.committed().stream()
        .filter(it -> it.request() instanceof PostingRequest.Settlement)
        .filter(it -> it.made() instanceof Transfer)
        .count();
  }

  @Override
  public Optional<Account> accountKeepingStatus(AccountId id) {
    return account(id);
  }

  @Override
  public List<Outcome<LedgerRecord>> post(List<PostingRequest> requests) {
    return requests.stream().map(PostingRequest.Settlement.class::cast).map(this::post).toList();
  }

  private Outcome<LedgerRecord> post(PostingRequest.Settlement request) {
    Account account = lock(request.account());
    Decision prior = decisions.get(key(request));
    if (prior != null) {
      return Outcome.replay(
          request.fingerprint(),
          prior.request().fingerprint(),
          prior.problem(),
          () -> requireNonNull(prior.made()));
    }
    TransferId captured = request.hold();
    Map<TransferId, Hold> held =
        captured == null ? Map.of() : Map.of(captured, requireNonNull(holds.get(captured.value())));
    List<Decision> made = PostingRules.decide(List.of(request), state(account, held));
    write(account, made);
    return made.getFirst().outcome();
  }

  private LedgerState state(Account account, Map<TransferId, Hold> held) {
    return new LedgerState(
        Map.of(account.id(), account), Map.of(), held, Map.of(), Map.of(), database.now());
  }

  private void write(Account before, List<Decision> made) {
    Account account = before;
    for (Decision decision : made) {
      decisions.put(key(decision.request()), decision);
      account = after(account, decision);
    }
    accounts.put(account.id().value(), account);
  }

  private Account after(Account before, Decision decision) {
    Account account = before;
    if (decision.made() instanceof Hold placed) {
      holds.put(placed.id().value(), placed);
      account = account.holding(placed.amount());
    }
    Hold captured = decision.captured();
    if (captured != null) {
      holds.put(captured.id().value(), captured);
      account = account.holding(-captured.amount());
    }
    if (decision.made() instanceof Transfer transfer) {
      for (Transfer.Entry entry : transfer.entries()) {
        if (entry.account().equals(account.id())) {
          account = account.after(entry.amount());
        } else if (entry.account().equals(RECEIVABLE)) {
          account = account.owing(-entry.amount());
        }
      }
    }
    return account;
  }

  @Override
  public void release(TransferId id) {
    Account account = lock(requireNonNull(holds.get(id.value())).from());
    Hold hold = requireNonNull(holds.get(id.value()));
    if (hold.status() == Hold.Status.HELD) {
      holds.put(id.value(), hold.ended(Hold.Status.RELEASED, 0));
      write(
          account.holding(-hold.amount()),
          PostingRules.repay(List.of(hold), state(account, Map.of())));
    }
  }

  private Account lock(AccountId id) {
    database.lock(id);
    return requireNonNull(accounts.get(id.value()));
  }

  /** No account is closed, so no money goes to suspense. */
  @Override
  public long unplaced(UUID payment, Currency currency) {
    return 0;
  }
}
