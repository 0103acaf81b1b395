package dev.evenkeel.http;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.regex.Pattern;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;

/**
 * Times as the API writes and reads them: RFC 3339. Responses have UTC and six decimals, the
 * database's precision; requests may have any offset and up to nine decimals.
 */
public final class Timestamps {

  private static final DateTimeFormatter MICROSECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSX").withZone(ZoneOffset.UTC);

  private static final Pattern FULL_FORM =
      Pattern.compile(
          "\\d{4}-\\d\\d-\\d\\d[Tt]\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?([Zz]|[+-]\\d\\d:\\d\\d)");

  private Timestamps() {}

  public static String format(Instant time) {
    return MICROSECONDS.format(time);
  }

  /**
   * Reads a time in full form, with seconds and an offset.
   *
   * @throws DateTimeException for anything else
   */
  static Instant parse(String text) {
    if (!FULL_FORM.matcher(text).matches()) {
      throw new DateTimeException("not the full form of RFC 3339");
    }
    return OffsetDateTime.parse(text).toInstant();
  }

  /** Rounds up to microseconds: for inclusive lower bounds. */
  public static Instant ceiling(Instant time) {
    Instant floor = floor(time);
    return floor.equals(time) ? time : floor.plus(1, ChronoUnit.MICROS);
  }

  /** Rounds down to microseconds. */
  public static Instant floor(Instant time) {
    return time.truncatedTo(ChronoUnit.MICROS);
  }

  static final class Serializer extends ValueSerializer<Instant> {

    @Override
    public void serialize(Instant time, JsonGenerator json, SerializationContext context) {
      json.writeString(format(time));
    }
  }
}
