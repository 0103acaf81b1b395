package dev.evenkeel.platform;

/**
 * A kind of problem that an operation can answer with (RFC 9457). Each module declares its own, as
 * an enum, and names it to {@link ProblemCatalog}.
 */
public interface ProblemType {

  /** The last segment of the problem's {@code type}, such as {@code insufficient-funds}. */
  String slug();

  /** The HTTP status. */
  int status();

  /** The same for every problem of this type. */
  String title();

  /** For the page that explains it: what happened, and what the caller can do. */
  String explanation();

  /** Whether money may have moved all the same. */
  default Effect effect() {
    return Effect.NONE;
  }

  /** What a caller that sent an idempotency key can do next. */
  default Retry retry() {
    return switch (status()) {
      case 409, 422 -> Retry.NEW_KEY;
      case 401, 403, 429, 500, 503 -> Retry.SAME_KEY;
      default -> Retry.NO;
    };
  }

  enum Effect {
    NONE,
    UNKNOWN
  }

  enum Retry {
    SAME_KEY,
    NEW_KEY,
    NO
  }
}
