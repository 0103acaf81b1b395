package dev.evenkeel.idempotency;

import dev.evenkeel.problems.CommonProblem;
import dev.evenkeel.problems.Problem;
import dev.evenkeel.problems.ProblemType;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of a request with an idempotency key. A key has one outcome for good.
 *
 * @param <T> the result of such a request
 */
public sealed interface Outcome<T> {

  /** Carried out by this request. */
  record Done<T>(T result) implements Outcome<T> {}

  /** Carried out by an earlier request with the key; {@code result} is its current state. */
  record Replayed<T>(T result) implements Outcome<T> {}

  /**
   * Refused, without any effect. A replayed refusal is of this type, too, because its callers treat
   * it like a new one.
   *
   * @param replayed whether an earlier request with the key was refused with this problem
   */
  record Refused<T>(Problem problem, boolean replayed) implements Outcome<T> {}

  default <R> Outcome<R> map(Function<? super T, ? extends R> as) {
    return switch (this) {
      case Done<T>(T result) -> new Done<>(as.apply(result));
      case Replayed<T>(T result) -> new Replayed<>(as.apply(result));
      case Refused<T>(Problem problem, boolean replayed) -> new Refused<>(problem, replayed);
    };
  }

  /**
   * The outcome of a duplicate of this outcome's request.
   *
   * @param duplicate the duplicate's fingerprint
   * @param first the fingerprint of the request that had this outcome
   */
  default Outcome<T> replayedFor(Fingerprint duplicate, Fingerprint first) {
    if (!duplicate.equals(first)) {
      return keyReused();
    }
    return switch (this) {
      case Done<T>(T result) -> new Replayed<>(result);
      case Replayed<T> replayed -> replayed;
      case Refused<T>(Problem problem, _) -> new Refused<>(problem, true);
    };
  }

  static <T> Outcome<T> refused(Problem problem) {
    return new Refused<>(problem, false);
  }

  static <T> Outcome<T> refused(ProblemType type, String detail) {
    return refused(Problem.of(type, detail));
  }

  /**
   * Answers a request whose key was used before. The same request gets the earlier outcome; a
   * different one is told that the key is taken.
   *
   * @param request the fingerprint of this request
   * @param earlier the fingerprint that is stored under the key
   * @param problem why the earlier request was refused; null if it was carried out
   * @param result reads the result of the earlier request
   */
  static <T> Outcome<T> replay(
      Fingerprint request, Fingerprint earlier, @Nullable Problem problem, Supplier<T> result) {
    if (!request.equals(earlier)) {
      return keyReused();
    }
    return problem == null ? new Replayed<>(result.get()) : new Refused<>(problem, true);
  }

  /** The refusal of a key that its owner has used for a different request. */
  static <T> Outcome<T> keyReused() {
    return refused(
        CommonProblem.IDEMPOTENCY_KEY_REUSED,
        "This idempotency key was already used for a different request.");
  }
}
