package dev.evenkeel.problems;

import java.util.stream.Stream;

/** The problem types that every module's operations share. */
public enum CommonProblem implements ProblemType {
  INVALID_REQUEST(400),
  IDEMPOTENCY_KEY_MISSING(400),
  UNAUTHORIZED(401),
  FORBIDDEN(403),
  NOT_FOUND(404),
  METHOD_NOT_ALLOWED(405),
  NOT_ACCEPTABLE(406),
  REQUEST_TIMEOUT(408),
  REQUEST_IN_PROGRESS(409),
  PAYLOAD_TOO_LARGE(413),
  UNSUPPORTED_MEDIA_TYPE(415),
  IDEMPOTENCY_KEY_REUSED(422),
  TOO_MANY_REQUESTS(429),
  INTERNAL_ERROR(500),
  BUSY(503),
  DATABASE_UNAVAILABLE(503),
  ISSUER_UNAVAILABLE(503),
  OUTCOME_UNKNOWN(503);

  private final int status;

  CommonProblem(int status) {
    this.status = status;
  }

  /**
   * The general problem type of an HTTP status: the first with that status. Any other status that
   * Tomcat answers with, such as 501 or 505, is an invalid request.
   */
  public static CommonProblem ofStatus(int status) {
    return Stream.of(values())
        .filter(known -> known.status == status)
        .findFirst()
        .orElse(INVALID_REQUEST);
  }

  @Override
  public int status() {
    return status;
  }

  @Override
  public Effect effect() {
    return switch (this) {
      case REQUEST_IN_PROGRESS, INTERNAL_ERROR, OUTCOME_UNKNOWN -> Effect.UNKNOWN;
      default -> Effect.NONE;
    };
  }

  @Override
  public Retry retry() {
    return switch (this) {
      case REQUEST_IN_PROGRESS, REQUEST_TIMEOUT -> Retry.SAME_KEY;
      default -> ProblemType.super.retry();
    };
  }

  /** Another server that is away takes longer to come back than a queue to move on. */
  @Override
  public int retryAfterSeconds() {
    return switch (this) {
      case REQUEST_IN_PROGRESS -> 1;
      case DATABASE_UNAVAILABLE, ISSUER_UNAVAILABLE, OUTCOME_UNKNOWN -> 5;
      default -> ProblemType.super.retryAfterSeconds();
    };
  }

  @Override
  public boolean isKept() {
    return false;
  }
}
