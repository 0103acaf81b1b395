package dev.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What was measured, as it comes: for the eye, and in a file. */
final class Report {

  private final Path file;

  Report(Path file) throws IOException {
    this.file = file;
    Files.deleteIfExists(file);
  }

  /** Of several rounds, the one in the middle. */
  static double median(List<Double> rounds) {
    double[] sorted = rounds.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  void heading(String text) {
    say("\n%s\n\n| | Evenkeel | against | ratio | must | aim |\n|---|---|---|---|---|---|", text);
  }

  /** The smallest and the largest of the rounds say how far to trust the one in the middle. */
  void row(String what, List<Double> ours, List<Double> theirs, String must, String aim) {
    double ratio = median(ours) / median(theirs);
    say("| %s | %s | %s | **%.2fx** | %s | %s |", what, all(ours), all(theirs), ratio, must, aim);
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
