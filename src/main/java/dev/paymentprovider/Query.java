package dev.paymentprovider;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/**
 * Which stretch of time a list is about; without a bound, all of it.
 *
 * @param from inclusive
 * @param to exclusive
 */
record Query(@Nullable Instant from, @Nullable Instant to) {

  static Query parse(@Nullable String rawQuery) {
    Instant from = null;
    Instant to = null;
    try {
      for (var pair : rawQuery == null ? new String[0] : rawQuery.split("&")) {
        var text = Endpoints.decoded(pair);
        if (text.startsWith("from=")) {
          from = Instant.parse(text.substring("from=".length()));
        } else if (text.startsWith("to=")) {
          to = Instant.parse(text.substring("to=".length()));
        }
      }
    } catch (DateTimeParseException noInstant) {
      throw new InvalidRequest(400, "invalid-time");
    }
    return new Query(from, to);
  }

  boolean covers(Operation operation) {
    return (from == null || !operation.at().isBefore(from))
        && (to == null || operation.at().isBefore(to));
  }
}
