package dev.evenkeel.problems;

import java.util.Locale;
import java.util.ResourceBundle;

/**
 * A type of problem document (RFC 9457). Each module declares its types as an enum and registers
 * them in a {@link ProblemCatalog}; their texts are in {@code problems.properties} of the enum's
 * package.
 */
public interface ProblemType {

  /** The enum constant's name. */
  String name();

  /** The HTTP status. */
  int status();

  /** The last segment of the problem's {@code type}, such as {@code insufficient-funds}. */
  default String slug() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** A short text, the same for every problem of this type. */
  default String title() {
    return text("title");
  }

  /** The text of the page that explains it: what happened, and what the caller can do. */
  default String explanation() {
    return text("page");
  }

  private String text(String part) {
    String bundle = getClass().getPackageName() + ".problems";
    return ResourceBundle.getBundle(bundle, Locale.ROOT).getString(slug() + "." + part);
  }

  /** Whether money may have moved nevertheless. */
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

  /**
   * When to send the request again, in the header {@code Retry-After}; 0 if there is none. A place
   * in a queue is free within a second.
   */
  default int retryAfterSeconds() {
    return retry() != Retry.NO && (status() == 429 || status() == 503) ? 1 : 0;
  }

  /** Whether a refusal is stored and replayed for every later request with the same key. */
  default boolean isKept() {
    return retry() == Retry.NEW_KEY;
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
