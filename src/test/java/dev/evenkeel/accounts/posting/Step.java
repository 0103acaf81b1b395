package dev.evenkeel.accounts.posting;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One request of a {@link History}. Accounts are numbers, 0 to 2. A step refers to the result of an
 * earlier one by its key, so that it keeps its meaning when other steps are left out.
 */
sealed interface Step {

  enum Kind {
    TRANSFER,
    BATCH,
    REVERSAL,
    HOLD,
    CAPTURE,
    PAY_IN,
    CHARGE_BACK
  }

  /** A key; the same value is a different key for another kind. */
  record Key(Kind kind, String value) {

    Key item(int index) {
      return new Key(kind, value + "/" + index);
    }

    @Override
    public String toString() {
      return kind + " " + value;
    }
  }

  /** A step that takes effect once per key. */
  sealed interface Keyed extends Step {
    Key key();
  }

  record Transfer(Key key, int from, int to, long amount) implements Keyed {}

  /** A batch by the owner of the first account. */
  record Batch(Key key, boolean atomic, List<Move> moves) implements Keyed {}

  record Move(int from, int to, long amount) {}

  record Reversal(Key key, Key of) implements Keyed {}

  record Hold(Key key, int from, int to, long amount) implements Keyed {}

  record Capture(Key key, Key hold, @Nullable Long amount) implements Keyed {}

  record PayIn(Key key, int to, long amount) implements Keyed {}

  /** The provider takes back money, as of a pay-in long ago. */
  record ChargeBack(Key key, int from, long amount) implements Keyed {}

  record Release(Key hold) implements Step {}

  record Freeze(int account) implements Step {}

  record Unfreeze(int account) implements Step {}

  record Close(int account) implements Step {}

  /** Concurrent steps, each in a thread of its own. */
  record Together(List<Step> steps) implements Step {}
}
