package dev.evenkeel.accounts.posting;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.Account.Status;
import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.Hold;
import dev.evenkeel.accounts.LedgerRecord;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.PostingRequest.Operation;
import dev.evenkeel.accounts.PostingRequest.Settlement;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.accounts.TransferId;
import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.IdempotencyKey;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.money.Money;
import dev.evenkeel.problems.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Accounts and requests without a database, and what the rules decide about them. All in EUR. */
public final class RulesFixture {

  static final Instant NOW = Instant.parse("2031-05-04T10:15:30.000123Z");
  private static final Fingerprint ANY = Fingerprint.of("any");

  private RulesFixture() {}

  /** An open account with seven entries and no holds. */
  public static Account account(String owner, long posted, long overdraftLimit) {
    return new Account(
        new AccountId(UUID.randomUUID()),
        owner,
        "Main",
        "EUR",
        Status.OPEN,
        false,
        new Account.Balance(posted, 0, 0, posted + overdraftLimit),
        7,
        overdraftLimit,
        Instant.EPOCH);
  }

  public static Account in(Status status, Account a) {
    return changed(a, a.currency(), status, a.balance().held());
  }

  static Account inCurrency(String currency, Account a) {
    return changed(a, currency, a.status(), a.balance().held());
  }

  public static Account held(Account a, long held) {
    return changed(a, a.currency(), a.status(), held);
  }

  public static Account owing(Account a, long owed) {
    return a.owing(owed);
  }

  private static Account changed(Account a, String currency, Status status, long held) {
    return new Account(
        a.id(),
        a.owner(),
        a.name(),
        currency,
        status,
        a.frozenByOperator(),
        new Account.Balance(a.posted(), held, 0, a.posted() - held + a.overdraftLimit()),
        a.sequence(),
        a.overdraftLimit(),
        a.createdAt());
  }

  static Transfer.Entry entry(Account account, long amount, long sequence, long balanceAfter) {
    var customer =
        new Transfer.Entry.Customer(account.owner(), account.name(), sequence, balanceAfter);
    return new Transfer.Entry(account.id(), amount, customer);
  }

  static PostingRequest.Transfer transfer(Account from, Account to, long amount) {
    return transferBy(from.owner(), from, to, amount);
  }

  static PostingRequest.Transfer transferBy(String owner, Account from, Account to, long amount) {
    return new PostingRequest.Transfer(
        newKey(owner, Operation.TRANSFER),
        ANY,
        from.id(),
        to.id(),
        Money.of(amount, "EUR"),
        "Rent",
        "R-1",
        Map.of("flat", "7"));
  }

  static PostingRequest.Hold place(Account from, Account to, long amount) {
    return placeBy(from.owner(), from, to, amount);
  }

  static PostingRequest.Hold placeBy(String owner, Account from, Account to, long amount) {
    return new PostingRequest.Hold(
        newKey(owner, Operation.HOLD),
        ANY,
        from.id(),
        to.id(),
        Money.of(amount, "EUR"),
        "Deposit",
        Duration.ofDays(7));
  }

  static Settlement settlement(
      Settlement.Kind kind, Account account, long amount, @Nullable Hold hold) {
    return Settlement.of(
        UUID.randomUUID().toString(),
        kind,
        "simulator",
        UUID.randomUUID(),
        account,
        Money.of(amount, "EUR"),
        hold == null ? null : hold.id(),
        "Card");
  }

  /** A hold with a minute left. */
  static Hold hold(Account from, Account to, long amount) {
    return hold(from, to.id(), amount, NOW.plusSeconds(60));
  }

  static Hold hold(Account from, AccountId to, long amount, @Nullable Instant expiresAt) {
    return new Hold(
        new TransferId(UUID.randomUUID()),
        from.owner(),
        from.id(),
        to,
        amount,
        0,
        "EUR",
        "Deposit",
        Hold.Status.HELD,
        expiresAt,
        NOW.minusSeconds(60));
  }

  static PostingRequest.Capture capture(Hold hold) {
    return capture(hold, null);
  }

  static PostingRequest.Capture capture(Hold hold, @Nullable Long amount) {
    return new PostingRequest.Capture(
        newKey(hold.owner(), Operation.CAPTURE), ANY, hold.id(), amount);
  }

  /** A transfer of the day before. */
  static Transfer transferred(Account from, Account to, long amount) {
    return transferred(from, to, amount, null, null, null);
  }

  static Transfer transferred(
      Account from,
      Account to,
      long amount,
      @Nullable UUID payment,
      @Nullable TransferId reversalOf,
      @Nullable TransferId reversedBy) {
    return new Transfer(
        new TransferId(UUID.randomUUID()),
        from.owner(),
        from.id(),
        to.id(),
        amount,
        "EUR",
        null,
        null,
        Map.of(),
        payment,
        reversalOf,
        reversedBy,
        null,
        NOW.minusSeconds(86_400),
        List.of(
            payment == null
                ? entry(from, -amount, 1, 0)
                : new Transfer.Entry(from.id(), -amount, null),
            entry(to, amount, 1, 0)));
  }

  static PostingRequest.Reversal reversal(Transfer original) {
    return new PostingRequest.Reversal(newKey("receiver", Operation.REVERSAL), ANY, original.id());
  }

  private static PostingRequest.Key newKey(String owner, Operation operation) {
    return operation.key(owner, new IdempotencyKey(UUID.randomUUID().toString()));
  }

  static LedgerState state(Account... accounts) {
    return state(Map.of(), accounts);
  }

  /** A state in which the latest entries of some accounts have these times. */
  static LedgerState state(Map<AccountId, Instant> changedAt, Account... accounts) {
    return new LedgerState(
        byId(Account::id, List.of(accounts)), changedAt, Map.of(), Map.of(), Map.of(), NOW);
  }

  static LedgerState state(Hold hold, Account... accounts) {
    return new LedgerState(
        state(accounts).accounts(), Map.of(), Map.of(hold.id(), hold), Map.of(), Map.of(), NOW);
  }

  static LedgerState state(List<Transfer> originals, Account... accounts) {
    Map<TransferId, Transfer> byId = byId(Transfer::id, originals);
    return new LedgerState(state(accounts).accounts(), Map.of(), Map.of(), byId, Map.of(), NOW);
  }

  /** A state in which one of the ledger's own accounts holds this much. */
  static LedgerState state(AccountId own, long funds, Account... accounts) {
    return new LedgerState(
        state(accounts).accounts(), Map.of(), Map.of(), Map.of(), Map.of(own, funds), NOW);
  }

  static PostingRequest.Adjustment adjustment(AccountId from, AccountId to, long amount) {
    return new PostingRequest.Adjustment(
        newKey("olga", Operation.ADJUSTMENT), ANY, from, to, Money.of(amount, "EUR"), "Lost");
  }

  private static <K, T> Map<K, T> byId(Function<T, K> id, List<T> values) {
    return values.stream().distinct().collect(Collectors.toMap(id, Function.identity()));
  }

  /** What the rules answer to a request, given only these accounts. */
  public static Outcome<LedgerRecord> outcome(PostingRequest request, Account... accounts) {
    return decide(request, state(accounts)).outcome();
  }

  static Decision decide(PostingRequest request, LedgerState state) {
    return PostingRules.decide(List.of(request), state).getFirst();
  }

  static Transfer posted(PostingRequest request, LedgerState state) {
    return posted(decide(request, state));
  }

  static Transfer posted(Decision decision) {
    return (Transfer) made(decision);
  }

  static Hold placed(PostingRequest request, LedgerState state) {
    return (Hold) made(decide(request, state));
  }

  private static LedgerRecord made(Decision decision) {
    assertThat(decision.problem()).isNull();
    return Objects.requireNonNull(decision.made());
  }

  static Problem refused(PostingRequest request, LedgerState state) {
    return refused(decide(request, state));
  }

  static Problem refused(Decision decision) {
    assertThat(decision.made()).isNull();
    assertThat(decision.captured()).isNull();
    return Objects.requireNonNull(decision.problem());
  }
}
