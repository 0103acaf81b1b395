package dev.evenkeel.accounts.posting;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.AccountId;
import dev.evenkeel.accounts.Batches;
import dev.evenkeel.accounts.Hold;
import dev.evenkeel.accounts.LedgerRecord;
import dev.evenkeel.accounts.PostingRequest;
import dev.evenkeel.accounts.PostingRequest.Settlement.Kind;
import dev.evenkeel.accounts.Statements;
import dev.evenkeel.accounts.Statements.Entry;
import dev.evenkeel.accounts.Transfer;
import dev.evenkeel.accounts.TransferId;
import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.IdempotencyKey;
import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.money.Money;
import dev.evenkeel.problems.Problem;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Runs a {@link History} in the real ledger, on accounts of its own, and in the model. */
final class HistoryRun {

  /** What the ledger answered, in the model's terms, and the ids of what it made. */
  private record Answer(
      String says, Map<Step.Key, UUID> made, Map<Step.Key, UUID> known, @Nullable Instant at) {

    static Answer says(String says) {
      return new Answer(says, Map.of(), Map.of(), null);
    }
  }

  private final RealLedger ledger;
  private final String run = UUID.randomUUID().toString();
  private final List<Account> accounts;
  private final Map<Step.Key, UUID> made = new HashMap<>();
  private final Map<Instant, LedgerModel> moments = new LinkedHashMap<>();
  private LedgerModel model;

  private HistoryRun(RealLedger ledger, History history) {
    this.ledger = ledger;
    this.model = new LedgerModel(history.limits());
    this.accounts =
        IntStream.range(0, History.ACCOUNTS)
            .mapToObj(i ->
                PostingFixture.opened(
                    ledger.accounts(),
                    LedgerModel.OWNERS.get(i) + "-" + run,
                    history.limits().get(i)))
            .toList();
  }

  /** Throws if the ledger differs from the model or breaks an invariant. */
  static void run(RealLedger ledger, History history) {
    HistoryRun run = new HistoryRun(ledger, history);
    history.steps().forEach(run::step);
    run.check();
  }

  private void step(Step step) {
    List<Step> steps = step instanceof Step.Together(var several) ? several : List.of(step);
    List<Step> possible = steps.stream().filter(model::isPossible).toList();
    if (possible.isEmpty()) {
      return;
    }
    List<Answer> answers =
        possible.size() == 1 ? List.of(ask(possible.getFirst())) : atOnce(possible);
    List<String> says = answers.stream().map(Answer::says).toList();
    if (possible.size() == 1) {
      assertThat(says.getFirst()).as("%s", step).isEqualTo(model.answer(possible.getFirst()));
    } else {
      List<LedgerModel.Balance> now = balances();
      model =
          inSomeOrder(model, possible, says, now)
              .orElseThrow(() ->
                  new AssertionError(
                      "no order of %s explains %s and %s".formatted(possible, says, now)));
    }
    answers.forEach(
        answer -> answer.made().forEach((key, id) -> assertThat(made.put(key, id)).isNull()));
    answers.forEach(
        answer -> answer.known().forEach((key, id) -> assertThat(made).containsEntry(key, id)));
    moments.put(instant(answers), model.copy());
  }

  /** The time of the posting, or else some time after the steps. */
  private Instant instant(List<Answer> answers) {
    Instant at = answers.getFirst().at();
    return answers.size() == 1 && at != null
        ? at
        : ledger.statements().balance(accounts.getFirst().id()).at();
  }

  private List<Answer> atOnce(List<Step> steps) {
    CountDownLatch start = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Answer>> answers = new ArrayList<>();
      for (Step step : steps) {
        answers.add(
            threads.submit(() -> {
              start.await();
              return ask(step);
            }));
      }
      start.countDown();
      List<Answer> all = new ArrayList<>();
      for (Future<Answer> answer : answers) {
        all.add(answer.get());
      }
      return all;
    } catch (ExecutionException | InterruptedException e) {
      throw new IllegalStateException(steps + ": " + e.getCause(), e);
    }
  }

  /** Finds an order of the steps that explains the answers, and returns the model after it. */
  private static Optional<LedgerModel> inSomeOrder(
      LedgerModel before, List<Step> steps, List<String> says, List<LedgerModel.Balance> after) {
    if (steps.isEmpty()) {
      return before.balances().equals(after) ? Optional.of(before) : Optional.empty();
    }
    return IntStream.range(0, steps.size())
        .boxed()
        .flatMap(i -> {
          LedgerModel next = before.copy();
          return next.answer(steps.get(i)).equals(says.get(i))
              ? inSomeOrder(next, without(steps, i), without(says, i), after).stream()
              : Stream.empty();
        })
        .findFirst();
  }

  private static <T> List<T> without(List<T> list, int index) {
    List<T> fewer = new ArrayList<>(list);
    fewer.remove(index);
    return fewer;
  }

  private Answer ask(Step step) {
    return switch (step) {
      case Step.Transfer(var key, int from, int to, long amount) ->
          answer(key, ledger.transfers().submit(transfer(key(key, from), step, from, to, amount)));
      case Step.Batch batch -> ask(batch);
      case Step.Reversal(var key, var of) ->
          answer(
              key,
              ledger
                  .transfers()
                  .reverse(new PostingRequest.Reversal(key(key, 0), fingerprint(step), id(of))));
      case Step.Hold(var key, int from, int to, long amount) ->
          answer(
              key,
              ledger
                  .holds()
                  .place(
                      new PostingRequest.Hold(
                          key(key, from),
                          fingerprint(step),
                          account(from),
                          account(to),
                          Money.of(amount, "EUR"),
                          null,
                          Duration.ofDays(1))));
      case Step.Capture(var key, var hold, var amount) ->
          answer(
              key,
              ledger
                  .holds()
                  .capture(
                      new PostingRequest.Capture(
                          key(key, 0), fingerprint(step), id(hold), amount)));
      case Step.PayIn(var key, int to, long amount) -> settle(key, Kind.COLLECT, to, amount);
      case Step.ChargeBack(var key, int from, long amount) ->
          settle(key, Kind.TAKE_BACK, from, amount);
      case Step.Release(var hold) -> Answer.says(says(ledger.holds().release(id(hold))));
      case Step.Freeze(int account) ->
          Answer.says(says(ledger.accounts().freeze(account(account), false)));
      case Step.Unfreeze(int account) ->
          Answer.says(says(ledger.accounts().unfreeze(account(account), false)));
      case Step.Close(int account) -> Answer.says(says(ledger.accounts().close(account(account))));
      case Step.Together _ -> throw new IllegalArgumentException("one at a time");
    };
  }

  private Answer settle(Step.Key key, Kind kind, int account, long amount) {
    UUID payment = UUID.nameUUIDFromBytes((run + key).getBytes(StandardCharsets.UTF_8));
    Money money = Money.of(amount, "EUR");
    return answer(
        key,
        ledger.post(
            PostingRequest.Settlement.of(
                payment.toString(),
                kind,
                "simulator",
                payment,
                accounts.get(account),
                money,
                null,
                null)));
  }

  private Answer ask(Step.Batch batch) {
    PostingRequest.Key key =
        PostingRequest.Operation.BATCH.key(
            accounts.getFirst().owner(), idempotencyKey(batch.key()));
    List<PostingRequest.Transfer> transfers =
        batch.moves().stream()
            .map(move -> transfer(key, batch, move.from(), move.to(), move.amount()))
            .toList();
    Outcome<Batches.Batch> outcome =
        ledger
            .batches()
            .submit(new Batches.Request(key, fingerprint(batch), batch.atomic(), transfers));
    return switch (outcome) {
      case Outcome.Done<Batches.Batch>(var result) -> {
        Map<Step.Key, UUID> ids = ids(batch.key(), result);
        yield new Answer("done " + results(result), ids, Map.of(), null);
      }
      case Outcome.Replayed<Batches.Batch>(var result) -> {
        Map<Step.Key, UUID> ids = ids(batch.key(), result);
        yield new Answer("replayed " + results(result), Map.of(), ids, null);
      }
      case Outcome.Refused<Batches.Batch> _ -> Answer.says(says(outcome));
    };
  }

  private static Map<Step.Key, UUID> ids(Step.Key key, Batches.Batch batch) {
    Map<Step.Key, UUID> ids = new HashMap<>(Map.of(key, batch.id()));
    for (int i = 0; i < batch.results().size(); i++) {
      switch (batch.results().get(i)) {
        case Outcome.Done<Transfer>(var it) -> ids.put(key.item(i), it.id().value());
        case Outcome.Replayed<Transfer>(var it) -> ids.put(key.item(i), it.id().value());
        case Outcome.Refused<Transfer> _ -> {}
      }
    }
    return ids;
  }

  private static List<String> results(Batches.Batch batch) {
    return batch.results().stream()
        .map(result -> says(result).replace("replayed", "done").replace(" again", ""))
        .toList();
  }

  private PostingRequest.Transfer transfer(
      PostingRequest.Key key, Step step, int from, int to, long amount) {
    return new PostingRequest.Transfer(
        key,
        fingerprint(step),
        account(from),
        account(to),
        Money.of(amount, "EUR"),
        null,
        null,
        Map.of());
  }

  private static Answer answer(Step.Key key, Outcome<? extends LedgerRecord> outcome) {
    String says = says(outcome);
    return switch (outcome) {
      case Outcome.Done<? extends LedgerRecord>(var posted) ->
          new Answer(says, Map.of(key, posted.id().value()), Map.of(), at(posted));
      case Outcome.Replayed<? extends LedgerRecord>(var posted) ->
          new Answer(says, Map.of(), Map.of(key, posted.id().value()), null);
      case Outcome.Refused<? extends LedgerRecord> _ -> Answer.says(says);
    };
  }

  private static Instant at(LedgerRecord posted) {
    return switch (posted) {
      case Transfer transfer -> transfer.postedAt();
      case Hold hold -> hold.createdAt();
    };
  }

  private static String says(Outcome<?> outcome) {
    return switch (outcome) {
      case Outcome.Done<?> _ -> "done";
      case Outcome.Replayed<?> _ -> "replayed";
      case Outcome.Refused<?>(Problem problem, boolean replayed) -> {
        Map<String, Object> more = problem.properties();
        yield problem.type().slug()
            + (more.containsKey("required")
                ? " %s/%s".formatted(more.get("available"), more.get("required"))
                : "")
            + (more.containsKey("index") ? " at " + more.get("index") : "")
            + (replayed ? " again" : "");
      }
    };
  }

  private PostingRequest.Key key(Step.Key key, int account) {
    return PostingRequest.Operation.valueOf(key.kind().name())
        .key(accounts.get(account).owner(), idempotencyKey(key));
  }

  private static IdempotencyKey idempotencyKey(Step.Key key) {
    return new IdempotencyKey(key.value());
  }

  private static Fingerprint fingerprint(Step step) {
    return Fingerprint.of(step.toString());
  }

  private AccountId account(int number) {
    return number == History.NOBODY ? new AccountId(UUID.randomUUID()) : accounts.get(number).id();
  }

  private TransferId id(Step.Key key) {
    return new TransferId(Objects.requireNonNull(made.get(key), key::toString));
  }

  private List<LedgerModel.Balance> balances() {
    return accounts.stream()
        .map(account -> ledger.accounts().find(account.id()).orElseThrow())
        .map(now ->
            new LedgerModel.Balance(
                now.status(),
                now.posted(),
                now.balance().held(),
                now.balance().owed(),
                now.sequence()))
        .toList();
  }

  private void check() {
    assertThat(balances()).as("in the end").isEqualTo(model.balances());
    assertThat(ledger.unbalanced(accounts)).as("transfers that do not sum to zero").isEmpty();
    accounts.forEach(this::checkEntries);
    ledger.inOneTransaction(() -> moments.forEach(this::checkMoment));
  }

  /** Checks that the entries add up and the account never went below its limit. */
  private void checkEntries(Account opened) {
    Account account = ledger.accounts().find(opened.id()).orElseThrow();
    List<RealLedger.HeldMoney> holds = ledger.holds(account);
    List<Entry> entries = ledger.statements().oldestFirst(account.id(), 0, Long.MAX_VALUE, 1000);
    long balance = 0;
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      balance += entry.amount();
      assertThat(entry.sequence()).isEqualTo(i + 1);
      assertThat(entry.balanceAfter()).isEqualTo(balance);
      // Entries of one transaction share its time, so only the last of them marks a state
      if (i == entries.size() - 1 || entry.postedAt().isBefore(entries.get(i + 1).postedAt())) {
        assertThat(balance - heldAt(entry.postedAt(), holds))
            .as("available of %s after %s", account, entry)
            .isGreaterThanOrEqualTo(-account.overdraftLimit());
      }
    }
    assertThat(entries).extracting(Entry::postedAt).isSorted();
    assertThat(account.posted()).isEqualTo(balance);
    assertThat(account.balance().held()).isEqualTo(heldAt(Instant.MAX, holds));
  }

  private static long heldAt(Instant time, List<RealLedger.HeldMoney> holds) {
    return holds.stream()
        .filter(hold -> hold.isHeldAt(time))
        .mapToLong(RealLedger.HeldMoney::amount)
        .sum();
  }

  private void checkMoment(Instant at, LedgerModel then) {
    for (int i = 0; i < accounts.size(); i++) {
      Account account = accounts.get(i);
      LedgerModel.Balance expected = then.balances().get(i);
      long posted = expected.posted();
      long held = expected.held();
      assertThat(ledger.statements().balance(account.id(), at))
          .as("account %d at %s", i, at)
          .contains(
              new Statements.Balance(posted, held, posted - held + account.overdraftLimit(), at));
    }
  }
}
