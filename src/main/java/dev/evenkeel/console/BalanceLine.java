package dev.evenkeel.console;

import dev.evenkeel.accounts.Statements.Moment;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A balance over time as a line of steps, in a box that is {@value #WIDTH} wide and {@value
 * #HEIGHT} high. Zero is always in the box.
 */
record BalanceLine(List<Moment> moments) {

  static final int WIDTH = 600;
  static final int HEIGHT = 100;

  /** The points of an SVG polyline. A balance stays the same until the next instant. */
  public String points() {
    return IntStream.range(0, moments.size())
        .mapToObj(i ->
            i == 0
                ? point(x(i), y(posted(i)))
                : point(x(i), y(posted(i - 1))) + " " + point(x(i), y(posted(i))))
        .collect(Collectors.joining(" "));
  }

  /** The height of zero, as an SVG coordinate. */
  public String zero() {
    return number(y(0));
  }

  public Moment first() {
    return moments.getFirst();
  }

  public Moment last() {
    return moments.getLast();
  }

  public long lowest() {
    return moments.stream().mapToLong(Moment::posted).min().orElse(0);
  }

  public long highest() {
    return moments.stream().mapToLong(Moment::posted).max().orElse(0);
  }

  private long posted(int i) {
    return moments.get(i).posted();
  }

  private double x(int i) {
    double all = Duration.between(first().at(), last().at()).toNanos();
    double before = Duration.between(first().at(), moments.get(i).at()).toNanos();
    return all == 0 ? 0 : WIDTH * before / all;
  }

  private double y(long posted) {
    double top = Math.max(0, highest());
    double bottom = Math.min(0, lowest());
    return top == bottom ? HEIGHT : HEIGHT * (top - posted) / (top - bottom);
  }

  private static String point(double x, double y) {
    return number(x) + "," + number(y);
  }

  private static String number(double coordinate) {
    return String.format(Locale.ROOT, "%.1f", coordinate);
  }
}
