package dev.evenkeel.idempotency;

import dev.evenkeel.problems.Problem;
import dev.evenkeel.problems.ProblemException;
import java.net.URI;
import java.util.function.Function;
import java.util.function.Predicate;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;

/** Answers that every operation with a key gives alike; what was refused is thrown as a problem. */
public final class IdempotentResponses {

  public static final String REPLAYED = "Idempotent-Replayed";

  private IdempotentResponses() {}

  /** 201 for what was made, 200 for what an earlier request made. */
  public static <T, B> ResponseEntity<B> created(
      Outcome<T> outcome, Function<T, String> location, Function<T, B> body) {
    return answer(outcome, HttpStatus.CREATED, HttpStatus.OK, location, body);
  }

  /** 200 in any case. */
  public static <T, B> ResponseEntity<B> ok(
      Outcome<T> outcome, Function<T, String> location, Function<T, B> body) {
    return answer(outcome, HttpStatus.OK, HttpStatus.OK, location, body);
  }

  /** As {@link #created}, but 202 for what has not ended yet. */
  public static <T, B> ResponseEntity<B> accepted(
      Outcome<T> outcome, Predicate<T> ended, Function<T, String> location, Function<T, B> body) {
    return ended.test(result(outcome))
        ? created(outcome, location, body)
        : answer(outcome, HttpStatus.ACCEPTED, HttpStatus.ACCEPTED, location, body);
  }

  private static <T, B> ResponseEntity<B> answer(
      Outcome<T> outcome,
      HttpStatus done,
      HttpStatus replayed,
      Function<T, String> location,
      Function<T, B> body) {
    T result = result(outcome);
    boolean again = outcome instanceof Outcome.Replayed<T>;
    var answer =
        ResponseEntity.status(again ? replayed : done).location(URI.create(location.apply(result)));
    if (again) {
      answer.header(REPLAYED, "true");
    }
    return answer.body(body.apply(result));
  }

  /**
   * What was made, now or before.
   *
   * @throws ProblemException for what was refused
   */
  public static <T> T result(Outcome<T> outcome) {
    return switch (outcome) {
      case Outcome.Done<T>(T result) -> result;
      case Outcome.Replayed<T>(T result) -> result;
      case Outcome.Refused<T>(Problem problem, boolean replayed) ->
          throw new ProblemException(problem, replayed);
    };
  }
}
