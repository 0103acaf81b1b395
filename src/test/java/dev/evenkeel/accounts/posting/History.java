package dev.evenkeel.accounts.posting;

import dev.evenkeel.accounts.posting.Step.Keyed;
import dev.evenkeel.accounts.posting.Step.Kind;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A random sequence of requests on three accounts.
 *
 * @param seed generates the same history again
 * @param limits the accounts' overdraft limits
 */
record History(long seed, List<Long> limits, List<Step> steps) {

  static final int ACCOUNTS = 3;

  /** The number of an account that does not exist. */
  static final int NOBODY = ACCOUNTS;

  static History of(long seed) {
    return new Generator(new SplittableRandom(seed)).history(seed);
  }

  /** Returns the history without {@code count} steps, from {@code first} on. */
  History without(int first, int count) {
    List<Step> fewer = new ArrayList<>(steps);
    fewer.subList(first, Math.min(first + count, steps.size())).clear();
    return new History(seed, limits, fewer);
  }

  /** Returns all histories with one concurrent step less. */
  List<History> withOneLessAtOnce() {
    List<History> fewer = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i) instanceof Step.Together(var together)) {
        for (int j = 0; j < together.size(); j++) {
          List<Step> rest = new ArrayList<>(together);
          rest.remove(j);
          List<Step> changed = new ArrayList<>(steps);
          changed.set(i, rest.size() == 1 ? rest.getFirst() : new Step.Together(rest));
          fewer.add(new History(seed, limits, changed));
        }
      }
    }
    return fewer;
  }

  @Override
  public String toString() {
    return "limits "
        + limits
        + steps.stream().map(step -> "\n  " + step).collect(Collectors.joining());
  }

  private static final class Generator {

    private final RandomGenerator random;
    private final Map<Kind, Integer> keys = new EnumMap<>(Kind.class);
    private final List<Keyed> asked = new ArrayList<>();
    private final List<Step.Key> transfers = new ArrayList<>();
    private final List<Step.Key> holds = new ArrayList<>();
    private final TreeSet<Integer> frozen = new TreeSet<>();

    Generator(RandomGenerator random) {
      this.random = random;
    }

    History history(long seed) {
      List<Long> limits =
          IntStream.range(0, ACCOUNTS).mapToObj(_ -> 100L * random.nextInt(4)).toList();
      int length = random.nextInt(4, 13);
      return new History(
          seed, limits, IntStream.range(0, length).mapToObj(_ -> stepOrSome()).toList());
    }

    private Step stepOrSome() {
      if (random.nextInt(5) > 0) {
        return step();
      }
      List<Step> together = new ArrayList<>();
      int count = random.nextInt(2, 5);
      while (together.size() < count) {
        Step step = step();
        together.add(step);
        if (together.size() < count && random.nextInt(3) == 0) {
          together.add(random.nextInt(3) == 0 && step instanceof Keyed it ? changed(it) : step);
        }
      }
      return new Step.Together(together);
    }

    private Step step() {
      if (!frozen.isEmpty() && random.nextInt(4) == 0) {
        return new Step.Unfreeze(frozen.pollFirst());
      }
      int chance = random.nextInt(100);
      if (chance < 10 && !asked.isEmpty()) {
        return any(asked);
      } else if (chance < 15 && !asked.isEmpty()) {
        return changed(any(asked));
      } else if (chance < 25) {
        return asked(new Step.PayIn(key(Kind.PAY_IN), account(), amount()), transfers);
      } else if (chance < 30) {
        return asked(new Step.ChargeBack(key(Kind.CHARGE_BACK), account(), amount()), transfers);
      } else if (chance < 38) {
        return batch();
      } else if (chance < 47) {
        return asked(new Step.Hold(key(Kind.HOLD), account(), receiver(), amount()), holds);
      } else if (chance < 57 && !holds.isEmpty()) {
        Long amount = random.nextBoolean() ? null : Long.valueOf(amount());
        return asked(new Step.Capture(key(Kind.CAPTURE), any(holds), amount), transfers);
      } else if (chance < 61 && !holds.isEmpty()) {
        return new Step.Release(any(holds));
      } else if (chance < 70 && !transfers.isEmpty()) {
        return asked(new Step.Reversal(key(Kind.REVERSAL), any(transfers)), transfers);
      } else if (chance < 74) {
        int account = account();
        frozen.add(account);
        return new Step.Freeze(account);
      } else if (chance < 75) {
        return new Step.Close(account());
      } else {
        var transfer = new Step.Transfer(key(Kind.TRANSFER), account(), receiver(), amount());
        return asked(transfer, transfers);
      }
    }

    private Step batch() {
      Step.Key key = key(Kind.BATCH);
      List<Step.Move> moves =
          IntStream.range(0, random.nextInt(1, 5))
              .mapToObj(_ -> new Step.Move(account(), receiver(), amount()))
              .toList();
      for (int i = 0; i < moves.size(); i++) {
        transfers.add(key.item(i));
      }
      Keyed batch = new Step.Batch(key, random.nextBoolean(), moves);
      asked.add(batch);
      return batch;
    }

    private Keyed asked(Keyed step, List<Step.Key> made) {
      asked.add(step);
      made.add(step.key());
      return step;
    }

    /** Returns a different request with the same key. */
    private Step changed(Keyed step) {
      return switch (step) {
        case Step.Transfer(var key, int from, int to, long amount) ->
            new Step.Transfer(key, from, to, amount + 1);
        case Step.Batch(var key, boolean atomic, var moves) -> new Step.Batch(key, !atomic, moves);
        case Step.Reversal(var key, _) -> new Step.Reversal(key, any(transfers));
        case Step.Hold(var key, int from, int to, long amount) ->
            new Step.Hold(key, from, to, amount + 1);
        case Step.Capture(var key, var hold, _) -> new Step.Capture(key, hold, amount());
        case Step.PayIn(var key, int to, long amount) -> new Step.PayIn(key, to, amount + 1);
        case Step.ChargeBack(var key, int from, long amount) ->
            new Step.ChargeBack(key, from, amount + 1);
      };
    }

    private Step.Key key(Kind kind) {
      return new Step.Key(kind, "" + keys.merge(kind, 1, Integer::sum));
    }

    private int account() {
      return random.nextInt(ACCOUNTS);
    }

    private int receiver() {
      return random.nextInt(30) == 0 ? NOBODY : account();
    }

    private long amount() {
      return random.nextInt(1, 150);
    }

    private <T> T any(List<T> list) {
      return list.get(random.nextInt(list.size()));
    }
  }
}
