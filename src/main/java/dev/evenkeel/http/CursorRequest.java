package dev.evenkeel.http;

import dev.evenkeel.database.Ids;
import dev.evenkeel.http.body.RequestBodies;
import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.problems.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.util.Base64;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The part of a list that a caller asks for, as a controller's parameter: {@code ?limit=} and
 * {@code ?cursor=}. The cursor names the last element seen, so pages stay stable while elements
 * arrive; it is valid only for the same list and filters. The filters are a record, and come before
 * this parameter.
 *
 * @param limit the number of elements to show, 1 to 100
 * @param position the last element seen; null for the first page
 * @param scope the digest of the list and its filters
 */
public record CursorRequest(int limit, @Nullable String position, String scope) {

  static final String LIMIT = "limit";
  static final String CURSOR = "cursor";
  private static final String DEFAULT_LIMIT = "20";

  /**
   * @param filters the filters of the list, in one spelling
   */
  static CursorRequest of(HttpServletRequest request, JsonNode filters) {
    String limit = Objects.requireNonNullElse(request.getParameter(LIMIT), DEFAULT_LIMIT);
    if (!limit.matches("[1-9][0-9]?|100")) {
      throw ProblemException.invalid(LIMIT, "must be a number from 1 to 100");
    }
    String scope = Fingerprint.of(RequestBodies.target(request), filters).hex().substring(0, 16);
    String cursor = request.getParameter(CURSOR);
    return new CursorRequest(
        Integer.parseInt(limit), cursor == null ? null : position(cursor, scope), scope);
  }

  /**
   * The number of elements to read: one more than is shown, to know whether there is a next page.
   */
  public int lookAhead() {
    return limit + 1;
  }

  /**
   * The position after which the page begins, in the order of the list.
   *
   * @param start the position before the first element
   * @throws ProblemException 400 if {@code read} does not accept the cursor's position
   */
  public <T> T after(T start, Function<String, T> read) {
    if (position == null) {
      return start;
    }
    try {
      return read.apply(position);
    } catch (IllegalArgumentException | DateTimeException forged) {
      throw badCursor();
    }
  }

  /** For lists ordered by a number, largest first. */
  public long afterNumber() {
    return after(Long.MAX_VALUE, Long::valueOf);
  }

  /** For lists ordered by id, newest first. */
  public UUID afterId() {
    return after(Ids.LAST, UUID::fromString);
  }

  String cursor(Object lastSeen) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString((scope + lastSeen).getBytes(StandardCharsets.UTF_8));
  }

  private static String position(String cursor, String scope) {
    try {
      String decoded = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
      if (decoded.startsWith(scope)) {
        return decoded.substring(scope.length());
      }
    } catch (IllegalArgumentException notBase64) {
      // refused below
    }
    throw badCursor();
  }

  private static ProblemException badCursor() {
    return ProblemException.invalid(CURSOR, "does not belong to this list and these filters");
  }
}
