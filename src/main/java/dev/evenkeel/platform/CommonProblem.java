package dev.evenkeel.platform;

import java.util.Locale;

/** The problems that any operation can answer with, whichever module it belongs to. */
public enum CommonProblem implements ProblemType {
  INVALID_REQUEST(
      400,
      "The request is invalid",
      "The request is malformed, or a field has a value that it cannot have. The member \"errors\""
          + " names the fields. Nothing was changed; correct the request before sending it again."),
  IDEMPOTENCY_KEY_MISSING(
      400,
      "The header Idempotency-Key is missing",
      "Every request that moves or commits money carries a key of its sender's choice, so that it"
          + " can be sent again safely. Nothing was changed."),
  UNAUTHORIZED(
      401,
      "Authentication is required",
      "The request carries no valid token. Nothing was changed."),
  FORBIDDEN(
      403, "This is not allowed", "The token does not permit this operation. Nothing was changed."),
  NOT_FOUND(
      404,
      "Not found",
      "There is no such resource, or it belongs to somebody else. Nothing was changed."),
  METHOD_NOT_ALLOWED(
      405,
      "The method is not allowed",
      "The resource exists but does not support this method; the header Allow names those that it"
          + " does."),
  NOT_ACCEPTABLE(
      406,
      "No acceptable representation",
      "The resource cannot be had in any of the media types that the header Accept names."),
  REQUEST_IN_PROGRESS(
      409,
      "A request with this key is in progress",
      "Another request with the same idempotency key has not ended yet. Send the same request with"
          + " the same key again, after the time that Retry-After names."),
  PAYLOAD_TOO_LARGE(
      413, "The request is too large", "The body exceeds what this operation accepts."),
  UNSUPPORTED_MEDIA_TYPE(
      415, "The media type is not supported", "Bodies are JSON in UTF-8: application/json."),
  IDEMPOTENCY_KEY_REUSED(
      422,
      "The idempotency key was used for another request",
      "This key belongs to a request with another content. Nothing was changed; a new request takes"
          + " a new key."),
  TOO_MANY_REQUESTS(
      429, "Too many requests", "Try again after the time that the header Retry-After names."),
  INTERNAL_ERROR(
      500,
      "Something went wrong here",
      "The fault is ours and has been logged under the trace id. Whether the request took effect is"
          + " unknown: send it again with the same idempotency key."),
  BUSY(
      503,
      "Too busy right now",
      "The request was not begun, or was undone. Send it again with the same idempotency key after"
          + " the time that Retry-After names."),
  DATABASE_UNAVAILABLE(
      503,
      "The database is unavailable",
      "The request was not begun. Send it again with the same idempotency key after the time that"
          + " Retry-After names."),
  OUTCOME_UNKNOWN(
      503,
      "The outcome is unknown",
      "The connection to the database was lost while the request was carried out, so it may have"
          + " taken effect. Send it again with the same idempotency key: it takes effect once.");

  private final int status;
  private final String title;
  private final String explanation;

  CommonProblem(int status, String title, String explanation) {
    this.status = status;
    this.title = title;
    this.explanation = explanation;
  }

  @Override
  public String slug() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public int status() {
    return status;
  }

  @Override
  public String title() {
    return title;
  }

  @Override
  public String explanation() {
    return explanation;
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
    return this == REQUEST_IN_PROGRESS ? Retry.SAME_KEY : ProblemType.super.retry();
  }

  /** The answer to a key that its owner used for another request before. */
  public static Problem keyReused() {
    return Problem.of(
        IDEMPOTENCY_KEY_REUSED, "This key was used for a request with another content before.");
  }
}
