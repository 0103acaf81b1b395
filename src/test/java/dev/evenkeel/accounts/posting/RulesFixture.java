package dev.evenkeel.accounts.posting;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.Account.Status;
import dev.evenkeel.accounts.Hold;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.IdempotencyKey;
import dev.evenkeel.money.Money;
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

/** LedgerState without a database, and what the rules decide on them. All is in EUR. */
public final class RulesFixture {

  /** The time of each decision. */
  static final Instant NOW = Instant.parse("2031-05-04T10:15:30.000123Z");

  private RulesFixture() {}

  /** Open, with seven entries and nothing held. */
  public static Account account(String owner, long posted, long overdraftLimit) {
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

  public static Account in(Status status, Account a) {
    return changed(a, a.currency(), status, a.balance().held());
  }

  public static Account inCurrency(String currency, Account a) {
    return changed(a, currency, a.status(), a.balance().held());
  }

  public static Account held(Account a, long held) {
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

  /** What the account shows in a entry. */
  public static Transfer.Entry entry(Account account, long amount, long sequence, long balanceAfter) {
    var customer =
        new Transfer.Entry.Customer(account.owner(), account.name(), sequence, balanceAfter);
    return new Transfer.Entry(account.id(), amount, customer);
  }

  public static PostingRequest.Transfer transfer(Account from, Account to, long amount) {
    return transferBy(from.owner(), from, to, amount);
  }

  public static PostingRequest.Transfer transferBy(
      String owner, Account from, Account to, long amount) {
    return new PostingRequest.Transfer(
        newKey(owner, PostingRequest.Operation.TRANSFER),
        Fingerprint.of("any"),
        from.id(),
        to.id(),
        Money.of(amount, "EUR"),
        null,
        null,
        Map.of());
  }

  public static PostingRequest payIn(Account to, long amount) {
    return settlement(PostingRequest.Settlement.Kind.COLLECT, to, amount, null);
  }

  public static PostingRequest.Settlement settlement(
      PostingRequest.Settlement.Kind kind, Account account, long amount, @Nullable Hold hold) {
    return PostingRequest.Settlement.of(
        UUID.randomUUID(),
        kind,
        UUID.randomUUID(),
        account,
        Money.of(amount, "EUR"),
        hold == null ? null : hold.id(),
        null);
  }

  public static PostingRequest.Hold place(Account from, Account to, long amount) {
    return placeBy(from.owner(), from, to, amount);
  }

  public static PostingRequest.Hold placeBy(String owner, Account from, Account to, long amount) {
    return new PostingRequest.Hold(
        newKey(owner, PostingRequest.Operation.HOLD),
        Fingerprint.of("any"),
        from.id(),
        to.id(),
        Money.of(amount, "EUR"),
        null,
        Duration.ofDays(7));
  }

  /** A hold with a minute left. */
  public static Hold hold(Account from, Account to, long amount) {
    return hold(from, to, amount, NOW.plusSeconds(60));
  }

  public static Hold hold(Account from, Account to, long amount, @Nullable Instant expiresAt) {
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
  public static PostingRequest.Capture capture(Hold hold) {
    return capture(hold, null);
  }

  public static PostingRequest.Capture capture(Hold hold, @Nullable Long amount) {
    return new PostingRequest.Capture(
        newKey(hold.owner(), PostingRequest.Operation.CAPTURE),
        Fingerprint.of("any"),
        hold.id(),
        amount);
  }

  /** A transfer of another day. */
  public static Transfer transferred(Account from, Account to, long amount) {
    return earlier(from, to, amount, null, null, null);
  }

  public static Transfer earlier(
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
        List.of(entry(from, -amount, 1, 0), entry(to, amount, 1, 0)));
  }

  public static PostingRequest.Reversal reversal(Transfer original) {
    return new PostingRequest.Reversal(
        newKey("receiver", PostingRequest.Operation.REVERSAL),
        Fingerprint.of("any"),
        original.id());
  }

  private static PostingRequest.Key newKey(String owner, PostingRequest.Operation operation) {
    return operation.key(owner, new IdempotencyKey(UUID.randomUUID().toString()));
  }

  public static LedgerState books(Account... accounts) {
    return new LedgerState(byId(accounts, Account::id), Map.of(), Map.of(), NOW);
  }

  public static LedgerState withHolds(LedgerState books, Hold... holds) {
    return new LedgerState(books.accounts(), byId(holds, Hold::id), books.originals(), NOW);
  }

  public static LedgerState withOriginals(LedgerState books, Transfer... originals) {
    return new LedgerState(books.accounts(), books.holds(), byId(originals, Transfer::id), NOW);
  }

  private static <T> Map<UUID, T> byId(T[] values, Function<T, UUID> id) {
    return Arrays.stream(values).collect(Collectors.toMap(id, Function.identity()));
  }

  public static Decision decide(PostingRequest posting, LedgerState books) {
    return PostingRules.decide(List.of(posting), books).getFirst();
  }

  public static Decision.Post posted(PostingRequest posting, LedgerState books) {
    return posted(decide(posting, books));
  }

  public static Decision.Post posted(Decision decision) {
    assertThat(decision).isInstanceOf(Decision.Post.class);
    return (Decision.Post) decision;
  }

  public static Problem refused(PostingRequest posting, LedgerState books) {
    return refused(decide(posting, books));
  }

  public static Problem refused(Decision decision) {
    assertThat(decision).isInstanceOf(Decision.Refuse.class);
    return ((Decision.Refuse) decision).problem();
  }
}
