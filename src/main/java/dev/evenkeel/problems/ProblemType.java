package dev.evenkeel.problems;

import java.util.Locale;
import java.util.ResourceBundle;

/**
 * A kind of problem that an operation can answer with (RFC 9457). Each module declares its own, as
 * an enum that it names to {@link ProblemCatalog}; what they say is in {@code problems.properties}
 * of the enum's package.
 */
public interface ProblemType {

  /** The enum constant's. */
  String name();

  /** The HTTP status. */
  int status();

  /** The last segment of the problem's {@code type}, such as {@code insufficient-funds}. */
  default String slug() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The same for every problem of this type. */
  default String title() {
    return text("title");
  }

  /** For the page that explains it: what happened, and what the caller can do. */
  default String explanation() {
    return text("page");
  }

  private String text(String part) {
    String bundle = getClass().getPackageName() + ".problems";
    return ResourceBundle.getBundle(bundle, Locale.ROOT).getString(slug() + "." + part);
  }

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

  /** Whether a request that is refused with it has this outcome for good, under its key. */
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
