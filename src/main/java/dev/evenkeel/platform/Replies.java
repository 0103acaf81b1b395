package dev.evenkeel.platform;

import java.net.URI;
import java.util.function.Function;
import java.util.function.Predicate;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;

/** Answers that every operation with a key gives alike. */
public final class Replies {

  static final String REPLAYED = "Idempotent-Replayed";

  private Replies() {}

  /**
   * 201 for what was made, 200 for what an earlier request made.
   *
   * @throws ProblemException for what was refused
   */
  public static <T, B> ResponseEntity<B> of(
      Outcome<T> outcome, Function<T, String> location, Function<T, B> body) {
    return of(outcome, location, body, _ -> true);
  }

  /** As above, but 202 for what has not ended yet. */
  public static <T, B> ResponseEntity<B> of(
      Outcome<T> outcome, Function<T, String> location, Function<T, B> body, Predicate<T> ended) {
    return switch (outcome) {
      case Outcome.Done<T>(T made) ->
          ResponseEntity.status(ended.test(made) ? HttpStatus.CREATED : HttpStatus.ACCEPTED)
              .location(URI.create(location.apply(made)))
              .body(body.apply(made));
      case Outcome.Replayed<T>(T made) ->
          ResponseEntity.status(ended.test(made) ? HttpStatus.OK : HttpStatus.ACCEPTED)
              .location(URI.create(location.apply(made)))
              .header(REPLAYED, "true")
              .body(body.apply(made));
      case Outcome.Refused<T>(Problem problem, boolean replayed) ->
          throw new ProblemException(problem, replayed);
    };
  }
}
