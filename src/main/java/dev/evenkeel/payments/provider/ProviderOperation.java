package dev.evenkeel.payments.provider;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * One line of the provider's report.
 *
 * @param id the provider's
 * @param key ours, the payment's or refund's id; a return has one of the provider's own
 * @param kind {@code charge}, {@code payout}, {@code refund} or {@code return}
 * @param amount minor units
 * @param status {@code pending}, {@code approved} or {@code declined}
 * @param of the operation that a return takes back
 * @param returned set once a return took this one back
 * @param at by the provider's clock
 */
public record ProviderOperation(
    String id,
    String key,
    String kind,
    long amount,
    String currency,
    String status,
    @Nullable String of,
    @Nullable Object returned,
    Instant at) {

  private static final JsonMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  public ProviderOperation {
    Objects.requireNonNull(id);
    Objects.requireNonNull(key);
    Objects.requireNonNull(kind);
    Objects.requireNonNull(currency);
    Objects.requireNonNull(status);
    Objects.requireNonNull(at);
  }

  public boolean isReturn() {
    return kind.equals("return");
  }

  private record Report(List<ProviderOperation> data) {

    private Report {
      data = List.copyOf(data);
    }
  }

  /**
   * @throws IOException if anything is missing: half a report would be taken for a difference
   */
  static List<ProviderOperation> report(byte[] body) throws IOException {
    try {
      return Optional.ofNullable(JSON.readValue(body, Report.class))
          .map(Report::data)
          .orElseThrow(() -> new IOException("the provider's report is empty"));
    } catch (JacksonException malformed) {
      throw new IOException("the provider's report is malformed", malformed);
    }
  }
}
