package dev.evenkeel.accounts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.accounts.Account.Status;
import dev.evenkeel.money.Money;
import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.IdempotencyKey;
import dev.evenkeel.problems.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Books without a database, and what the rules decide on them. All is in EUR. */
final class RulesFixture {

  /** The time of each decision. */
  static final Instant NOW = Instant.parse("2031-05-04T10:15:30.000123Z");

  private RulesFixture() {}

  /** Open, with seven entries and nothing held. */
  static Account account(String owner, long posted, long overdraftLimit) {
    return new Account(
        UUID.randomUUID(),
        owner,
        "Main",
        "EUR",
        Status.OPEN,
        false,
        new Account.Balance(posted, 0, posted + overdraftLimit),
        7,
        overdraftLimit,
        Instant.EPOCH);
  }

  static Account in(Status status, Account a) {
    return changed(a, a.currency(), status, a.balance().held());
  }

  static Account inCurrency(String currency, Account a) {
    return changed(a, currency, a.status(), a.balance().held());
  }

  static Account held(Account a, long held) {
    return changed(a, a.currency(), a.status(), held);
  }

  private static Account changed(Account a, String currency, Status status, long held) {
    return new Account(
        a.id(),
        a.owner(),
        a.name(),
        currency,
        status,
        a.frozenByOperator(),
        new Account.Balance(a.posted(), held, a.posted() - held + a.overdraftLimit()),
        a.sequence(),
        a.overdraftLimit(),
        a.createdAt());
  }

  /** What the account shows in a leg. */
  static Transfer.Leg leg(Account account, long amount, long sequence, long balanceAfter) {
    var customer =
        new Transfer.Leg.Customer(account.owner(), account.name(), sequence, balanceAfter);
    return new Transfer.Leg(account.id(), amount, customer);
  }

  static Posting.Transfer transfer(Account from, Account to, long amount) {
    return transferBy(from.owner(), from, to, amount);
  }

  static Posting.Transfer transferBy(String owner, Account from, Account to, long amount) {
    return new Posting.Transfer(
        newKey(owner, Posting.Operation.TRANSFER),
        Fingerprint.of("any"),
        from.id(),
        to.id(),
        Money.of(amount, "EUR"),
        null,
        null,
        Map.of());
  }

  static Posting payIn(Account to, long amount) {
    return settlement(Posting.Settlement.Step.COLLECT, to, amount, null);
  }

  static Posting.Settlement settlement(
      Posting.Settlement.Step step, Account account, long amount, @Nullable Hold hold) {
    return Posting.Settlement.of(
        UUID.randomUUID(),
        step,
        UUID.randomUUID(),
        account,
        Money.of(amount, "EUR"),
        hold == null ? null : hold.id(),
        null);
  }

  static Posting.Hold place(Account from, Account to, long amount) {
    return placeBy(from.owner(), from, to, amount);
  }

  static Posting.Hold placeBy(String owner, Account from, Account to, long amount) {
    return new Posting.Hold(
        newKey(owner, Posting.Operation.HOLD),
        Fingerprint.of("any"),
        from.id(),
        to.id(),
        Money.of(amount, "EUR"),
        null,
        Duration.ofDays(7));
  }

  /** A hold with a minute left. */
  static Hold hold(Account from, Account to, long amount) {
    return hold(from, to, amount, NOW.plusSeconds(60));
  }

  static Hold hold(Account from, Account to, long amount, @Nullable Instant expiresAt) {
    return new Hold(
        UUID.randomUUID(),
        from.owner(),
        from.id(),
        to.id(),
        amount,
        0,
        "EUR",
        "Deposit",
        Hold.Status.HELD,
        expiresAt,
        NOW.minusSeconds(60));
  }

  /** All of it. */
  static Posting.Capture capture(Hold hold) {
    return capture(hold, null);
  }

  static Posting.Capture capture(Hold hold, @Nullable Long amount) {
    return new Posting.Capture(
        newKey(hold.owner(), Posting.Operation.CAPTURE), Fingerprint.of("any"), hold.id(), amount);
  }

  /** A transfer of another day. */
  static Transfer transferred(Account from, Account to, long amount) {
    return earlier(from, to, amount, null, null, null);
  }

  static Transfer earlier(
      Account from,
      Account to,
      long amount,
      @Nullable UUID payment,
      @Nullable UUID reversalOf,
      @Nullable UUID reversedBy) {
    return new Transfer(
        UUID.randomUUID(),
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
        List.of(leg(from, -amount, 1, 0), leg(to, amount, 1, 0)));
  }

  static Posting.Reversal reversal(Transfer original) {
    return new Posting.Reversal(
        newKey("receiver", Posting.Operation.REVERSAL), Fingerprint.of("any"), original.id());
  }

  private static Posting.Key newKey(String owner, Posting.Operation operation) {
    return operation.key(owner, new IdempotencyKey(UUID.randomUUID().toString()));
  }

  static Books books(Account... accounts) {
    return new Books(byId(accounts, Account::id), Map.of(), Map.of(), NOW);
  }

  static Books withHolds(Books books, Hold... holds) {
    return new Books(books.accounts(), byId(holds, Hold::id), books.originals(), NOW);
  }

  static Books withOriginals(Books books, Transfer... originals) {
    return new Books(books.accounts(), books.holds(), byId(originals, Transfer::id), NOW);
  }

  private static <T> Map<UUID, T> byId(T[] values, Function<T, UUID> id) {
    return Arrays.stream(values).collect(Collectors.toMap(id, Function.identity()));
  }

  static Decision decide(Posting posting, Books books) {
    return PostingRules.decide(List.of(posting), books).getFirst();
  }

  static Decision.Post posted(Posting posting, Books books) {
    return posted(decide(posting, books));
  }

  static Decision.Post posted(Decision decision) {
    assertThat(decision).isInstanceOf(Decision.Post.class);
    return (Decision.Post) decision;
  }

  static Problem refused(Posting posting, Books books) {
    return refused(decide(posting, books));
  }

  static Problem refused(Decision decision) {
    assertThat(decision).isInstanceOf(Decision.Refuse.class);
    return ((Decision.Refuse) decision).problem();
  }
}
