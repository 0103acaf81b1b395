package dev.evenkeel.payments.provider;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads the provider's answers: tolerant of what is new in them, but approved or declined is only
 * what is well-formed and names our reference, amount and currency.
 */
final class Answers {

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .build();

  private Answers() {}

  private record Operation(
      @Nullable String id,
      @Nullable String reference,
      @Nullable Long amount,
      @Nullable String currency,
      @Nullable String status,
      @Nullable String code) {}

  /** Of a request to make the operation. */
  static Answer toCharge(Charge charge, int status, byte[] body) {
    return switch (status) {
      case 200, 201, 202 -> operation(charge, body);
      case 400, 422 -> new Answer.Rejected("the provider answered " + status);
      case 409 -> conflict(body);
      default -> failure(status);
    };
  }

  /** Of a question for the operation. */
  static Answer toQuestion(Charge charge, int status, byte[] body) {
    return switch (status) {
      case 200, 202 -> operation(charge, body);
      case 404 -> new Answer.NeverSeen();
      default -> failure(status);
    };
  }

  /** Either an attempt of ours is still in flight, or the key belongs to another request. */
  private static Answer conflict(byte[] body) {
    boolean inProgress = new String(body, StandardCharsets.UTF_8).contains("in-progress");
    return new Answer.Unknown("the provider answered 409", !inProgress);
  }

  private static Answer failure(int status) {
    // 408 and 425 are about this attempt, 429 about its time.
    boolean passing = status == 408 || status == 425 || status == 429;
    boolean ourFault = !passing && status >= 300 && status < 500;
    return new Answer.Unknown("the provider answered " + status, ourFault);
  }

  private static Answer operation(Charge charge, byte[] body) {
    Operation operation;
    try {
      operation = JSON.readValue(body, Operation.class);
    } catch (JacksonException garbage) {
      return new Answer.Unknown("the provider's answer is malformed", false);
    }
    if (operation == null || operation.id() == null || operation.status() == null) {
      return new Answer.Unknown("the provider's answer is incomplete", false);
    }
    if (!charge.reference().toString().equals(operation.reference())
        || operation.amount() == null
        || operation.amount() != charge.amount()
        || !charge.currency().equals(operation.currency())) {
      return new Answer.Unknown("the provider's answer is about something else", true);
    }
    return switch (operation.status()) {
      case "approved" -> new Answer.Approved(operation.id());
      case "declined" ->
          new Answer.Declined(
              operation.id(), operation.code() == null ? "declined" : operation.code());
      case "pending" -> new Answer.Undecided();
      default -> new Answer.Unknown("the provider's answer has an unknown status", true);
    };
  }
}
