package dev.evenkeel.payments;

import com.fasterxml.jackson.annotation.JsonValue;
import java.io.IOException;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Compares a day's payments with the provider's report. It reports differences, never repairs. */
public interface Reconciliation {

  /**
   * @param day in UTC
   * @throws IOException if the provider gives no usable answer
   */
  Report compare(LocalDate day) throws IOException;

  /**
   * The result of comparing a day.
   *
   * @param matched how many of our payments agree with the provider
   */
  record Report(LocalDate day, long matched, List<Difference> differences) {}

  /**
   * A difference between us and the provider.
   *
   * @param payment our payment or refund
   * @param operation the provider's operation
   * @param ours such as {@code succeeded 1250 EUR}
   * @param theirs such as {@code declined 1250 EUR}
   */
  record Difference(
      Kind kind,
      @Nullable PaymentId payment,
      @Nullable String operation,
      @Nullable String ours,
      @Nullable String theirs) {}

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
