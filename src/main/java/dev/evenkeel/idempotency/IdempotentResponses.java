package dev.evenkeel.idempotency;

import dev.evenkeel.problems.Problem;
import dev.evenkeel.problems.ProblemException;
import java.net.URI;
import java.util.function.Function;
import java.util.function.Predicate;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;

/** Builds the responses of operations with an idempotency key; a refusal is thrown as a problem. */
public final class IdempotentResponses {

  public static final String REPLAYED = "Idempotent-Replayed";

  private IdempotentResponses() {}

  /** 201 for a new resource, 200 for one that an earlier request made. */
  public static <T, B> ResponseEntity<B> created(
      Outcome<T> outcome, Function<T, String> location, Function<T, B> body) {
    return respond(outcome, HttpStatus.CREATED, HttpStatus.OK, location, body);
  }

  /** 200, for a new result and for a replay. */
  public static <T, B> ResponseEntity<B> ok(
      Outcome<T> outcome, Function<T, String> location, Function<T, B> body) {
    return respond(outcome, HttpStatus.OK, HttpStatus.OK, location, body);
  }

  /** Like {@link #created}, but 202 while the resource is not final. */
  public static <T, B> ResponseEntity<B> accepted(
      Outcome<T> outcome, Predicate<T> isFinal, Function<T, String> location, Function<T, B> body) {
    return isFinal.test(result(outcome))
        ? created(outcome, location, body)
        : respond(outcome, HttpStatus.ACCEPTED, HttpStatus.ACCEPTED, location, body);
  }

  private static <T, B> ResponseEntity<B> respond(
      Outcome<T> outcome,
      HttpStatus done,
      HttpStatus replayed,
      Function<T, String> location,
      Function<T, B> body) {
    T result = result(outcome);
    boolean isReplay = outcome instanceof Outcome.Replayed<T>;
    var response =
        ResponseEntity.status(isReplay ? replayed : done)
            .location(URI.create(location.apply(result)));
    if (isReplay) {
      response.header(REPLAYED, "true");
    }
    return response.body(body.apply(result));
  }

  /**
   * The result of this request or, for a replay, of the earlier one.
   *
   * @throws ProblemException for a refusal
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
