package dev.evenkeel.payments.provider;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.web.util.UriUtils;
import tools.jackson.databind.json.JsonMapper;

/**
 * A request to the provider to move money. Key and body are the same at each attempt, byte for
 * byte: the provider refuses the key with another body.
 *
 * @param body the JSON that is sent, made by this release or stored by the one that sent it first
 * @param known what the provider has of it already; null if that is not known
 */
public record ProviderRequest(Order order, String body, @Nullable Known known) {

  /** Goes up with each change of {@link #write}; stored with the body, to tell who wrote it. */
  public static final int BODY_VERSION = 2;

  /** A kind of request; each has a path in the provider's API. */
  public enum Kind {
    CHARGE("/charges"),
    PAYOUT("/payouts"),
    REFUND("/refunds");

    private final String path;

    Kind(String path) {
      this.path = path;
    }

    String path() {
      return path;
    }
  }

  /**
   * What the provider is to do.
   *
   * @param reference the id of the payment or refund: our reference and our idempotency key
   * @param amount minor units
   * @param instrument the provider's token, for charges and payouts
   * @param charge the key of the refunded charge, for refunds
   * @param manualCapture whether a charge only reserves the amount, which is captured later
   */
  public record Order(
      Kind kind,
      UUID reference,
      long amount,
      String currency,
      @Nullable String instrument,
      @Nullable UUID charge,
      boolean manualCapture) {}

  /**
   * An operation that the provider has and that waits for the customer or for us. Its id stays
   * known when its key is forgotten.
   *
   * @param operation the provider's id
   * @param followUp what the provider is asked to do with it; null if nothing
   * @param capture what is captured, in minor units; null unless that is the follow-up
   */
  public record Known(String operation, @Nullable FollowUp followUp, @Nullable Long capture) {}

  /** A request that was never sent. */
  public ProviderRequest(Order order) {
    this(order, write(order), null);
  }

  /** This request as it was sent before. */
  public ProviderRequest withBody(String sent) {
    return new ProviderRequest(order, sent, known);
  }

  /** This request, of which the provider has this operation. */
  public ProviderRequest withKnown(Known operation) {
    return new ProviderRequest(order, body, operation);
  }

  /** This request, whose operation is only asked about. */
  public ProviderRequest of(String operation) {
    return withKnown(new Known(operation, null, null));
  }

  /** The path of the operation, by its id or, while that is not known, by its key. */
  String path() {
    return "/operations/"
        + (known == null
            ? order.reference().toString()
            : UriUtils.encodePathSegment(known.operation(), StandardCharsets.UTF_8));
  }

  FollowUp followUp() {
    return Objects.requireNonNull(Objects.requireNonNull(known).followUp());
  }

  String followUpBody() {
    Long amount = known == null ? null : known.capture();
    return amount == null ? "{}" : "{\"amount\":%d}".formatted(amount);
  }

  /** What an approved operation moves, in minor units. */
  long approvedAmount() {
    Long captured = known == null ? null : known.capture();
    return Objects.requireNonNullElse(captured, order.amount());
  }

  private static String write(Order order) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("reference", order.reference());
    body.put("amount", order.amount());
    body.put("currency", order.currency());
    if (order.instrument() != null) {
      body.put("instrument", order.instrument());
    }
    if (order.charge() != null) {
      body.put("charge", order.charge());
    }
    if (order.manualCapture()) {
      body.put("capture", false);
    }
    return JsonMapper.shared().writeValueAsString(body);
  }
}
