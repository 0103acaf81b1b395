package dev.evenkeel.payments.provider;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads the provider's answers. New fields are tolerated, but a payment counts as approved or
 * declined only if the answer is well-formed and names our reference, amount and currency.
 */
final class ResponseParser {

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .build();

  private ResponseParser() {}

  private record Report(@Nullable List<@Nullable ProviderOperation> data) {}

  /** Reads the answer to a request that was sent. */
  static ProviderResponse ofRequest(
      ProviderRequest request, int status, byte[] body, Duration retryAfter) {
    return switch (status) {
      case 200, 201, 202 -> operation(request, body);
      case 400, 422 -> new ProviderResponse.Rejected("the provider answered " + status);
      case 409 -> conflict(body);
      default -> failure(status, retryAfter);
    };
  }

  /** Reads the answer to a query for the operation that a request made. */
  static ProviderResponse ofQuery(
      ProviderRequest request, int status, byte[] body, Duration retryAfter) {
    return switch (status) {
      case 200, 202 -> operation(request, body);
      case 404 -> new ProviderResponse.NotFound();
      default -> failure(status, retryAfter);
    };
  }

  /**
   * Reads the provider's report.
   *
   * @throws IOException if anything is missing: a gap would be taken for a difference
   */
  static List<ProviderOperation> report(byte[] body) throws IOException {
    try {
      Report report = JSON.readValue(body, Report.class);
      if (report != null && report.data != null) {
        List<ProviderOperation> lines = List.copyOf(report.data);
        if (lines.stream().allMatch(ProviderOperation::isReportLine)) {
          return lines;
        }
      }
      throw new IOException("the provider's report is incomplete");
    } catch (JacksonException | NullPointerException malformed) {
      throw new IOException("the provider's report is malformed", malformed);
    }
  }

  /** Either an earlier attempt is still in progress, or the key belongs to another request. */
  private static ProviderResponse conflict(byte[] body) {
    boolean inProgress = new String(body, StandardCharsets.UTF_8).contains("in-progress");
    return new ProviderResponse.Unknown("the provider answered 409", !inProgress);
  }

  private static ProviderResponse failure(int status, Duration retryAfter) {
    // 408, 425 and 429 concern this attempt only; any other 3xx or 4xx will not go away by itself.
    boolean temporary = status == 408 || status == 425 || status == 429;
    boolean ourFault = !temporary && status >= 300 && status < 500;
    return new ProviderResponse.Unknown("the provider answered " + status, ourFault, retryAfter);
  }

  private static ProviderResponse operation(ProviderRequest request, byte[] body) {
    ProviderOperation it;
    try {
      it = JSON.readValue(body, ProviderOperation.class);
    } catch (JacksonException malformed) {
      return new ProviderResponse.Unknown("the provider's answer is malformed", false);
    }
    if (it == null || it.reference() == null) {
      return new ProviderResponse.Unknown("the provider's answer is incomplete", false);
    }
    if (!it.reference().equals(request.reference().toString())) {
      return new ProviderResponse.Unknown("the provider's answer has another reference", true);
    }
    if (it.amount() != request.amount() || !it.currency().equals(request.currency())) {
      return new ProviderResponse.Mismatch(it.amount() + " " + it.currency());
    }
    ProviderOperation.Return returned = it.returned();
    if (returned != null && returned.amount() != it.amount()) {
      return new ProviderResponse.Mismatch(returned.amount() + " " + it.currency() + " returned");
    }
    return switch (it.status()) {
      case "approved" -> new ProviderResponse.Approved(it.id(), returned != null);
      case "declined" -> new ProviderResponse.Declined(it.code() == null ? "declined" : it.code());
      case "pending" -> new ProviderResponse.Pending();
      default -> new ProviderResponse.Unknown("the provider's answer has an unknown status", true);
    };
  }
}
