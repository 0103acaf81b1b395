package dev.evenkeel.payments.provider;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An operation as the provider describes it, in an answer and as a line of its report.
 *
 * @param id the provider's id
 * @param key our idempotency key, which is the id of the payment or refund; a return has a key of
 *     the provider's own. Only a line of the report must have it
 * @param reference our reference, which is the id of the payment or refund; only an answer must
 *     have it
 * @param kind {@code charge}, {@code payout}, {@code refund} or {@code return}
 * @param amount minor units
 * @param status {@code pending}, {@code authorized}, {@code approved}, {@code declined} or {@code
 *     canceled}
 * @param code the reason of a decline, such as {@code card_declined}
 * @param returns what the provider took back of this operation
 * @param reinstated for a return: whether it was undone
 * @param at the time by the provider's clock
 */
public record ProviderOperation(
    String id,
    @Nullable String key,
    @Nullable String reference,
    @Nullable String kind,
    long amount,
    String currency,
    String status,
    @Nullable String code,
    List<Return> returns,
    boolean reinstated,
    @Nullable Instant at) {

  private static final int MAX_URL = 2048;

  /**
   * An operation of the provider that took back another one, or a part of it.
   *
   * @param amount minor units
   * @param reinstated whether it was undone later: a dispute was won
   */
  public record Return(String id, long amount, boolean reinstated) {}

  /** The sum of what is taken back and not reinstated. */
  public long returned() {
    return returns.stream().filter(it -> !it.reinstated()).mapToLong(Return::amount).sum();
  }

  /** Such as {@code approved 1000 EUR}, or {@code return of 300 EUR, reinstated}. */
  public String describe() {
    String money = amount + " " + currency;
    return isReturn()
        ? "return of " + money + (reinstated ? ", reinstated" : "")
        : status + " " + money;
  }

  /** Such as {@code , 300 returned, 100 reinstated}. */
  public String describeReturns() {
    long all = returns.stream().mapToLong(Return::amount).sum();
    return ", "
        + all
        + " returned"
        + (all > returned() ? ", " + (all - returned()) + " reinstated" : "");
  }

  /**
   * Returns what this operation means for the request that made it.
   *
   * @param redirectUrl the page on which the customer has to act, if it is one; null if it names
   *     none
   */
  public ProviderResponse responseTo(ProviderRequest request, @Nullable String redirectUrl) {
    ProviderRequest.Order order = request.order();
    if (!order.reference().toString().equals(reference)) {
      return new ProviderResponse.Unknown("the provider's answer has another reference", true);
    }
    if (!currency.equals(order.currency()) || returned() > Math.max(amount, 0)) {
      return new ProviderResponse.Mismatch(this, null);
    }
    boolean whole = amount == order.amount();
    boolean fits =
        switch (status) {
          case "approved" -> amount == request.approvedAmount();
          case "authorized" -> whole;
          default -> whole || amount == request.approvedAmount(); // before or after a capture
        };
    if (!fits) {
      return new ProviderResponse.Mismatch(this, amount);
    }
    return switch (status) {
      case "approved" -> new ProviderResponse.Approved(this);
      case "authorized" -> new ProviderResponse.Authorized(this);
      case "declined" -> new ProviderResponse.Declined(this, storableCode());
      case "canceled" -> new ProviderResponse.Canceled(this);
      case "pending" ->
          redirectUrl != null && isPage(redirectUrl)
              ? new ProviderResponse.ActionRequired(this, redirectUrl)
              : new ProviderResponse.Pending();
      default -> new ProviderResponse.Unknown("the provider's answer has an unknown status", true);
    };
  }

  private static boolean isPage(String url) {
    try {
      URI uri = new URI(url);
      return url.length() <= MAX_URL
          && uri.getHost() != null
          && ("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()));
    } catch (URISyntaxException malformed) {
      return false;
    }
  }

  /** Whatever the reason is, the decline counts; it is stored only if it looks like a code. */
  private String storableCode() {
    return code != null && code.matches("[A-Za-z0-9_.-]{1,100}") ? code : "declined";
  }

  public boolean isReportLine() {
    return key != null && kind != null;
  }

  /** Whether the provider has ended it without moving money. */
  public boolean hasMovedNothing() {
    return status.equals("declined") || status.equals("canceled");
  }

  public boolean isReturn() {
    return "return".equals(kind);
  }

  /** The key of a line of the report. */
  @Override
  public String key() {
    return Objects.requireNonNull(key);
  }

  /** Whether the operation may be of this time: one of unknown time is not overlooked. */
  public boolean mayBeWithin(Instant from, Instant to) {
    return at == null || (!at.isBefore(from) && at.isBefore(to));
  }
}
