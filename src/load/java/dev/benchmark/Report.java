package dev.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** Prints each measurement when it is made, and writes it to a file. */
final class Report {

  private final Path file;
  private final Map<String, List<Double>> rounds = new HashMap<>();

  Report(Path file) throws IOException {
    this.file = file;
    Files.deleteIfExists(file);
  }

  void heading(String text) {
    say("\n%s\n\n| | Evenkeel | against | ratio | must | aim |\n|---|---|---|---|---|---|", text);
  }

  /** Of one round. */
  void note(String what, double value) {
    rounds.computeIfAbsent(what, _ -> new ArrayList<>()).add(value);
  }

  /** Of several rounds, the one in the middle. */
  double median(String what) {
    return median(noted(what));
  }

  private List<Double> noted(String what) {
    return Objects.requireNonNull(rounds.get(what), what);
  }

  /** A row of the table; {@code must} and {@code aim} are about the ratio. */
  void compare(String what, String ours, String theirs, String must, String aim) {
    row(what, noted(ours), noted(theirs), must, aim);
  }

  void compare(String what, String ours, double theirs, String must, String aim) {
    row(what, noted(ours), List.of(theirs), must, aim);
  }

  /** The smallest and the largest of the rounds say how far to trust the one in the middle. */
  private void row(String what, List<Double> ours, List<Double> theirs, String must, String aim) {
    double ratio = median(ours) / median(theirs);
    say("| %s | %s | %s | **%.2fx** | %s | %s |", what, all(ours), all(theirs), ratio, must, aim);
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }

  private static String all(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return sorted.length == 1
        ? number(sorted[0])
        : "%s (%s to %s)"
            .formatted(
                number(median(values)), number(sorted[0]), number(sorted[sorted.length - 1]));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, value < 100 ? "%.2f" : "%,.0f", value);
  }

  void say(String format, Object... values) {
    String line = String.format(Locale.ROOT, format, Arrays.copyOf(values, values.length));
    System.out.println(line);
    try {
      Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
