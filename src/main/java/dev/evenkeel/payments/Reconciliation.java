package dev.evenkeel.payments;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.evenkeel.idempotency.Outcome;
import java.io.IOException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Compares a day's payments with the provider's report, queries the provider about each difference
 * and applies its answer. What cannot be applied needs an operator's decision.
 */
public interface Reconciliation {

  /**
   * Returns the last run for a day; runs if there is none that began after the day's end.
   *
   * @param day in UTC
   * @throws IOException if the provider gives no usable answer
   */
  Outcome<Report> find(LocalDate day) throws IOException;

  /** Returns the last run for a day, and never runs. */
  Optional<Report> last(LocalDate day);

  /** Runs for a day, unless a reconciliation is under way on any instance. */
  Outcome<Report> run(LocalDate day) throws IOException;

  /**
   * The result of comparing a day.
   *
   * @param matched how many of our payments agree with the provider
   * @param differences those found by any run for the day, the unresolved first
   * @param omitted how many further differences there are; null if there are none
   */
  record Report(
      LocalDate day,
      Instant ranAt,
      long matched,
      List<Difference> differences,
      @Nullable Long omitted) {

    /** How many of the listed differences are unresolved. */
    public long unresolved() {
      return differences.stream().filter(it -> !it.resolved()).count();
    }
  }

  /**
   * A difference between us and the provider.
   *
   * @param payment our payment or refund
   * @param operation the provider's operation
   * @param ours such as {@code succeeded 1250 EUR}
   * @param theirs such as {@code declined 1250 EUR}
   * @param resolved whether both sides agree since
   */
  record Difference(
      Kind kind,
      @Nullable PaymentId payment,
      @Nullable String operation,
      @Nullable String ours,
      @Nullable String theirs,
      boolean resolved) {

    /** What operators are asked about. */
    public Finding finding() {
      return operation == null || theirs == null ? Finding.MISSING : new Finding(operation, theirs);
    }
  }

  /** A kind of difference. */
  enum Kind {
    AMOUNT_DIFFERS,
    STATUS_DIFFERS,
    MISSING_THERE,
    MISSING_HERE,
    DUPLICATE_THERE;

    @JsonValue
    String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }
}
