package dev.evenkeel.http;

import dev.evenkeel.database.Ids;
import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.problems.ProblemException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.util.Base64;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which part of a list a caller asks for. Its cursor names the last element that was seen, so that
 * pages stay stable while elements arrive; and it belongs to its list and filters.
 *
 * @param limit how many elements are shown
 * @param position of the last element that was seen; null at the beginning
 * @param belongsTo the digest of the list and its filters
 */
public record CursorRequest(int limit, @Nullable String position, String belongsTo) {

  static final String DEFAULT_LIMIT = "20";

  /**
   * @param list the list and its filters
   */
  static CursorRequest of(String limit, @Nullable String cursor, String list) {
    if (!limit.matches("[1-9][0-9]?|100")) {
      throw ProblemException.invalid("limit", "must be a number from 1 to 100");
    }
    String belongsTo = Fingerprint.of(list).hex().substring(0, 16);
    return new CursorRequest(
        Integer.parseInt(limit), cursor == null ? null : position(cursor, belongsTo), belongsTo);
  }

  /** How many elements to read: one more than is shown, to know whether there are more. */
  public int lookAhead() {
    return limit + 1;
  }

  /**
   * Where the page begins: after this, in the order of the list.
   *
   * @param start of the list
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

  /** For lists in the order of a number, the largest first. */
  public long afterNumber() {
    return after(Long.MAX_VALUE, Long::valueOf);
  }

  /** For lists in the order of ids, the newest first. */
  public UUID afterId() {
    return after(Ids.LAST, UUID::fromString);
  }

  String cursor(Object lastSeen) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString((belongsTo + lastSeen).getBytes(StandardCharsets.UTF_8));
  }

  private static String position(String cursor, String belongsTo) {
    try {
      String decoded = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
      if (decoded.startsWith(belongsTo)) {
        return decoded.substring(belongsTo.length());
      }
    } catch (IllegalArgumentException notBase64) {
      // falls through
    }
    throw badCursor();
  }

  private static ProblemException badCursor() {
    return ProblemException.invalid("cursor", "is none of this list with these filters");
  }
}
