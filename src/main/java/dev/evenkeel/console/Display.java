package dev.evenkeel.console;

import dev.evenkeel.http.Timestamps;
import dev.evenkeel.money.Money;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.springframework.stereotype.Component;

/** How money, times and states look on every page. */
@ConsolePart
@Component("display")
class Display {

  private static final DateTimeFormatter SHORT =
      DateTimeFormatter.ofPattern("d MMM uuuu, HH:mm:ss", Locale.UK).withZone(ZoneOffset.UTC);

  public String money(long minorUnits, String currency) {
    return Money.of(minorUnits, currency).toString().replace('-', '\u2212');
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

  /** The class of a state's colour. The word is always shown, too. */
  public String colour(Enum<?> state) {
    return switch (state.name()) {
      case "OPEN", "SUCCEEDED" -> "good";
      case "FAILED", "RETURNED" -> "bad";
      case "PENDING", "PROCESSING", "REQUIRES_ACTION", "AUTHORIZED", "FROZEN" -> "waiting";
      default -> "neutral";
    };
  }

  public String word(Enum<?> state) {
    return state.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
