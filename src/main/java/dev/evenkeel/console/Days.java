package dev.evenkeel.console;

import dev.evenkeel.problems.ProblemException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A period of whole days in UTC, as a filter names it.
 *
 * @param from the first day; null or blank for the beginning
 * @param to the last day, included; null or blank for no limit
 */
record Days(@Nullable String from, @Nullable String to) {

  private static final Pattern DAY = Pattern.compile("(19|[2-9][0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}");

  Days {
    from = from == null || from.isBlank() ? null : from;
    to = to == null || to.isBlank() ? null : to;
  }

  public boolean areLimited() {
    return from != null || to != null;
  }

  @Nullable Instant begin() {
    return from == null ? null : startOf(day("from", from));
  }

  /** Exclusive. */
  @Nullable Instant end() {
    return to == null ? null : startOf(day("to", to).plusDays(1));
  }

  private static Instant startOf(LocalDate day) {
    return day.atStartOfDay(ZoneOffset.UTC).toInstant();
  }

  private static LocalDate day(String field, String typed) {
    try {
      if (DAY.matcher(typed).matches()) {
        return LocalDate.parse(typed);
      }
    } catch (DateTimeParseException noDay) {
      // Such as 2026-02-30
    }
    throw ProblemException.invalid(field, "must be a day such as 2026-01-31");
  }
}
