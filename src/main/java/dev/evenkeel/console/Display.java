package dev.evenkeel.console;

import dev.evenkeel.http.Timestamps;
import dev.evenkeel.money.Money;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.springframework.stereotype.Component;

/** How money, times and states look on every page. */
@ConsolePart
@Component("display")
public class Display {

  private static final DateTimeFormatter SHORT =
      DateTimeFormatter.ofPattern("d MMM uuuu, HH:mm:ss", Locale.UK).withZone(ZoneOffset.UTC);

  public String money(long minorUnits, String currency) {
    return Money.of(minorUnits, currency).toString().replace('-', '\u2212');
  }

  public String money(BigDecimal minorUnits, String currency) {
    return money(minorUnits.longValueExact(), currency);
  }

  /** With a sign for credits, too. */
  public String movement(long minorUnits, String currency) {
    return (minorUnits > 0 ? "+" : "") + money(minorUnits, currency);
  }

  public String time(Instant at) {
    return SHORT.format(at);
  }

  public String exactTime(Instant at) {
    return Timestamps.format(at);
  }

  public static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** A number of things, whose plural is regular. */
  public static String count(long number, String thing) {
    return count(number) + " " + thing + (number == 1 ? "" : "s");
  }

  /** A duration with little precision, for live pages. */
  public static String roughly(Duration duration) {
    long millis = duration.toMillis();
    return millis < 1000 ? millis + " ms" : String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
  }

  public String duration(Duration duration) {
    return duration(duration.toNanos() / 1000);
  }

  /** A duration in a unit that suits it. */
  public String duration(long micros) {
    double seconds = micros / 1e6;
    if (micros < 1000) {
      return micros + " µs";
    } else if (micros < 10_000) {
      return String.format(Locale.ROOT, "%.1f ms", micros / 1e3);
    } else if (micros < 1_000_000) {
      return String.format(Locale.ROOT, "%.0f ms", micros / 1e3);
    } else if (seconds < 60) {
      return String.format(Locale.ROOT, "%.2f s", seconds);
    }
    long minutes = (long) seconds / 60;
    return minutes < 60
        ? String.format(Locale.ROOT, "%d min %d s", minutes, (long) seconds % 60)
        : String.format(Locale.ROOT, "%d h %d min", minutes / 60, minutes % 60);
  }

  /** The time from one moment to another. */
  public String between(Instant start, Instant end) {
    return duration(Duration.between(start, end));
  }

  /** The class of a state's colour. The word is always shown, too. */
  public String colour(Enum<?> state) {
    return switch (state.name()) {
      case "OPEN", "SUCCEEDED", "POSTED", "ENABLED", "DELIVERED", "KEPT" -> "good";
      case "FAILED", "RETURNED", "DEAD", "BROKEN" -> "bad";
      case "PENDING",
          "PROCESSING",
          "REQUIRES_ACTION",
          "AUTHORIZED",
          "FROZEN",
          "PROPOSED",
          "CHECKING" ->
          "waiting";
      default -> "neutral";
    };
  }

  public static String word(Enum<?> state) {
    return state.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
