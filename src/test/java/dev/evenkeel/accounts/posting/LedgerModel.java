package dev.evenkeel.accounts.posting;

import dev.evenkeel.accounts.Account;
import dev.evenkeel.accounts.Hold;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A second, simple implementation of the ledger: one step at a time, without a database. */
final class LedgerModel {

  /** The owners of the accounts, by account number. */
  static final List<String> OWNERS = List.of("ada", "ada", "bob");

  record Balance(Account.Status status, long posted, long held, long owed, long entries) {}

  private record Said(Step step, String answer) {}

  private record Moved(int from, int to, long amount, boolean reversible, boolean reversed) {}

  private record Promise(int from, int to, long amount, Hold.Status status) {}

  private final List<Long> limits;
  private List<Balance> balances = new ArrayList<>();
  private Map<Step.Key, Said> said = new HashMap<>();
  private Map<Step.Key, Moved> moved = new HashMap<>();
  private Map<Step.Key, Promise> promises = new HashMap<>();

  LedgerModel(List<Long> limits) {
    this.limits = limits;
    limits.forEach(_ -> balances.add(new Balance(Account.Status.OPEN, 0, 0, 0, 0)));
  }

  LedgerModel copy() {
    LedgerModel copy = new LedgerModel(limits);
    copy.become(this);
    return copy;
  }

  private void become(LedgerModel other) {
    balances = new ArrayList<>(other.balances);
    said = new HashMap<>(other.said);
    moved = new HashMap<>(other.moved);
    promises = new HashMap<>(other.promises);
  }

  List<Balance> balances() {
    return List.copyOf(balances);
  }

  /** Tells whether the transfer or hold that the step refers to exists. */
  boolean isPossible(Step step) {
    return switch (step) {
      case Step.Capture(_, var hold, _) -> promises.containsKey(hold);
      case Step.Release(var hold) -> promises.containsKey(hold);
      case Step.Reversal(_, var of) -> moved.containsKey(of);
      default -> true;
    };
  }

  /**
   * Executes a step.
   *
   * @return {@code done}, {@code replayed} or the refusal, with {@code again} for a replayed one
   */
  String answer(Step step) {
    if (!(step instanceof Step.Keyed keyed)) {
      return now(step);
    }
    Said before = said.get(keyed.key());
    if (before != null) {
      boolean same = before.step().equals(step);
      return same ? repeated(before.answer()) : "idempotency-key-reused";
    }
    String answer = now(step);
    if (!answer.startsWith("account-not-found")) {
      said.put(keyed.key(), new Said(step, answer));
    }
    return answer;
  }

  private static String repeated(String answer) {
    return answer.startsWith("done") ? answer.replaceFirst("done", "replayed") : answer + " again";
  }

  private String now(Step step) {
    return switch (step) {
      case Step.Transfer(var key, int from, int to, long amount) ->
          unless(refusal(from, to, amount), () -> move(key, from, to, amount, true));
      case Step.Hold(var key, int from, int to, long amount) ->
          unless(
              refusal(from, to, amount),
              () -> {
                promises.put(key, new Promise(from, to, amount, Hold.Status.HELD));
                change(from, 0, amount, 0);
              });
      case Step.Batch batch -> all(batch);
      case Step.Reversal(var key, var of) -> reverse(key, of, known(moved, of));
      case Step.Capture(var key, var hold, var amount) ->
          capture(key, hold, known(promises, hold), amount);
      case Step.PayIn(var key, int to, long amount) -> {
        moved.put(key, new Moved(to, to, amount, false, false));
        if (balances.get(to).status() != Account.Status.CLOSED) {
          change(to, amount, 0, 1);
          repay(to);
        }
        yield "done";
      }
      case Step.ChargeBack(var key, int from, long amount) -> {
        moved.put(key, new Moved(from, from, amount, false, false));
        if (balances.get(from).status() != Account.Status.CLOSED) {
          long taken = Math.min(amount, Math.max(available(from), 0));
          change(from, -taken, 0, taken > 0 ? 1 : 0);
          owe(from, amount - taken);
        }
        yield "done";
      }
      case Step.Release(var hold) -> release(hold, known(promises, hold));
      case Step.Freeze(int account) -> become(account, Account.Status.FROZEN);
      case Step.Unfreeze(int account) -> become(account, Account.Status.OPEN);
      case Step.Close(int account) -> close(account, balances.get(account));
      case Step.Together _ -> throw new IllegalArgumentException("one at a time");
    };
  }

  private static String unless(@Nullable String refusal, Runnable effect) {
    if (refusal != null) {
      return refusal;
    }
    effect.run();
    return "done";
  }

  private @Nullable String refusal(int from, int to, long amount) {
    if (to == History.NOBODY) {
      return "account-not-found";
    }
    String unusable = unusable(from, to);
    if (unusable != null) {
      return unusable;
    }
    return from == to ? "same-account" : unfunded(from, amount);
  }

  private @Nullable String unusable(int... accounts) {
    for (int account : accounts) {
      switch (balances.get(account).status()) {
        case OPEN -> {}
        case FROZEN -> {
          return "account-frozen";
        }
        case CLOSED -> {
          return "account-closed";
        }
      }
    }
    return null;
  }

  private @Nullable String unfunded(int account, long required) {
    long available = available(account);
    return available < required ? "insufficient-funds " + available + "/" + required : null;
  }

  private long available(int account) {
    Balance balance = balances.get(account);
    return balance.posted() - balance.held() - balance.owed() + limits.get(account);
  }

  private String all(Step.Batch batch) {
    LedgerModel tried = copy();
    List<String> answers = new ArrayList<>();
    for (Step.Move move : batch.moves()) {
      boolean foreign = !OWNERS.get(move.from()).equals(OWNERS.getFirst());
      int index = answers.size();
      String refusal =
          foreign ? "account-not-found" : tried.refusal(move.from(), move.to(), move.amount());
      if (refusal != null && batch.atomic()) {
        return refusal + " at " + index;
      }
      Step.Key key = batch.key().item(index);
      answers.add(
          unless(refusal, () -> tried.move(key, move.from(), move.to(), move.amount(), true)));
    }
    become(tried);
    return "done " + answers;
  }

  private String reverse(Step.Key key, Step.Key of, Moved original) {
    if (!original.reversible()) {
      return "not-reversible";
    }
    if (original.reversed()) {
      return "already-reversed";
    }
    int from = original.to();
    int to = original.from();
    long amount = original.amount();
    String unusable = unusable(from, to);
    return unless(
        unusable == null ? unfunded(from, amount) : unusable,
        () -> {
          moved.put(of, new Moved(to, from, amount, true, true));
          move(key, from, to, amount, false);
        });
  }

  private String capture(Step.Key key, Step.Key hold, Promise promise, @Nullable Long asked) {
    if (promise.status() != Hold.Status.HELD) {
      return "hold-not-open";
    }
    String unusable = unusable(promise.from(), promise.to());
    if (unusable != null) {
      return unusable;
    }
    long amount = asked == null ? promise.amount() : asked;
    if (amount > promise.amount()) {
      return "capture-exceeds-hold";
    }
    end(hold, promise, Hold.Status.CAPTURED);
    move(key, promise.from(), promise.to(), amount, true);
    return "done";
  }

  private String release(Step.Key hold, Promise promise) {
    if (promise.status() == Hold.Status.HELD) {
      end(hold, promise, Hold.Status.RELEASED);
      repay(promise.from());
    }
    return promise.status() == Hold.Status.CAPTURED ? "hold-not-open" : "done";
  }

  private void end(Step.Key hold, Promise promise, Hold.Status how) {
    promises.put(hold, new Promise(promise.from(), promise.to(), promise.amount(), how));
    change(promise.from(), 0, -promise.amount(), 0);
  }

  private void move(Step.Key key, int from, int to, long amount, boolean reversible) {
    moved.put(key, new Moved(from, to, amount, reversible, false));
    change(from, -amount, 0, 1);
    change(to, amount, 0, 1);
    repay(from);
    repay(to);
  }

  private void repay(int account) {
    long free = available(account) + balances.get(account).owed();
    long repaid = Math.min(free, balances.get(account).owed());
    if (repaid > 0) {
      change(account, -repaid, 0, 1);
      owe(account, -repaid);
    }
  }

  private void owe(int account, long amount) {
    Balance b = balances.get(account);
    balances.set(
        account, new Balance(b.status(), b.posted(), b.held(), b.owed() + amount, b.entries()));
  }

  private void change(int account, long posted, long held, long entries) {
    Balance b = balances.get(account);
    balances.set(
        account,
        new Balance(
            b.status(), b.posted() + posted, b.held() + held, b.owed(), b.entries() + entries));
  }

  private String close(int account, Balance balance) {
    if (balance.status() == Account.Status.FROZEN) {
      return "account-frozen";
    }
    boolean empty = balance.posted() == 0 && balance.held() == 0 && balance.owed() == 0;
    return empty ? become(account, Account.Status.CLOSED) : "account-not-empty";
  }

  private String become(int account, Account.Status status) {
    Balance b = balances.get(account);
    if (b.status() == Account.Status.CLOSED && status != Account.Status.CLOSED) {
      return "account-closed";
    }
    balances.set(account, new Balance(status, b.posted(), b.held(), b.owed(), b.entries()));
    return "done";
  }

  private static <V> V known(Map<Step.Key, V> values, Step.Key key) {
    return Objects.requireNonNull(values.get(key), key::toString);
  }
}
