package dev.evenkeel.payments.provider;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads the provider's answers: tolerant of what is new in them, but approved or declined is only
 * what is well-formed and names our reference, amount and currency.
 */
final class ResponseParser {

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .build();

  private ResponseParser() {}

  private record Operation(
      @Nullable String id,
      @Nullable String reference,
      @Nullable Long amount,
      @Nullable String currency,
      @Nullable String status,
      @Nullable String code,
      @Nullable Returned returned) {}

  private record Returned(@Nullable String id, @Nullable Long amount, @Nullable Instant at) {

    boolean isIncomplete() {
      return id == null || amount == null || at == null;
    }
  }

  /** Of an order. */
  static ProviderResponse toOrder(
      ProviderRequest order, int status, byte[] body, Duration retryAfter) {
    return switch (status) {
      case 200, 201, 202 -> operation(order, body);
      case 400, 422 -> new ProviderResponse.Rejected("the provider answered " + status);
      case 409 -> conflict(body);
      default -> failure(status, retryAfter);
    };
  }

  /** Of a question for the operation. */
  static ProviderResponse toQuestion(
      ProviderRequest order, int status, byte[] body, Duration retryAfter) {
    return switch (status) {
      case 200, 202 -> operation(order, body);
      case 404 -> new ProviderResponse.NeverSeen();
      default -> failure(status, retryAfter);
    };
  }

  /** Either an attempt of ours is still in flight, or the key belongs to another request. */
  private static ProviderResponse conflict(byte[] body) {
    boolean inProgress = new String(body, StandardCharsets.UTF_8).contains("in-progress");
    return new ProviderResponse.Unknown("the provider answered 409", !inProgress);
  }

  private static ProviderResponse failure(int status, Duration retryAfter) {
    // 408 and 425 are about this attempt, 429 about its time.
    boolean passing = status == 408 || status == 425 || status == 429;
    boolean ourFault = !passing && status >= 300 && status < 500;
    return new ProviderResponse.Unknown("the provider answered " + status, ourFault, retryAfter);
  }

  private static ProviderResponse operation(ProviderRequest order, byte[] body) {
    Operation it;
    try {
      it = JSON.readValue(body, Operation.class);
    } catch (JacksonException garbage) {
      return new ProviderResponse.Unknown("the provider's answer is malformed", false);
    }
    if (it == null
        || it.id == null
        || it.amount == null
        || it.currency == null
        || it.status == null
        || (it.returned != null && it.returned.isIncomplete())) {
      return new ProviderResponse.Unknown("the provider's answer is incomplete", false);
    }
    if (!order.reference().toString().equals(it.reference)) {
      return new ProviderResponse.Unknown("the provider's answer is about something else", true);
    }
    if (it.amount != order.amount() || !order.currency().equals(it.currency)) {
      return new ProviderResponse.Mismatch(it.amount + " " + it.currency);
    }
    if (it.returned != null && !it.amount.equals(it.returned.amount)) {
      return new ProviderResponse.Mismatch(it.returned.amount + " " + it.currency + ", taken back");
    }
    return switch (it.status) {
      case "approved" -> new ProviderResponse.Approved(it.id, it.returned != null);
      case "declined" -> new ProviderResponse.Declined(it.code == null ? "declined" : it.code);
      case "pending" -> new ProviderResponse.Undecided();
      default -> new ProviderResponse.Unknown("the provider's answer has an unknown status", true);
    };
  }
}
