package dev.evenkeel.payments.provider.stripe;

import com.stripe.Stripe;
import com.stripe.StripeClient;
import com.stripe.exception.StripeException;
import com.stripe.model.Dispute;
import com.stripe.model.PaymentIntent;
import com.stripe.model.Refund;
import com.stripe.model.StripeError;
import com.stripe.model.StripeObject;
import com.stripe.net.FormEncoder;
import com.stripe.param.PaymentIntentCancelParams;
import com.stripe.param.PaymentIntentCaptureParams;
import com.stripe.param.PaymentIntentCreateParams;
import com.stripe.param.RefundCreateParams;
import dev.evenkeel.payments.provider.Answer;
import dev.evenkeel.payments.provider.FollowUp;
import dev.evenkeel.payments.provider.Gateway;
import dev.evenkeel.payments.provider.ProviderBalance;
import dev.evenkeel.payments.provider.ProviderOperation;
import dev.evenkeel.payments.provider.ProviderRequest;
import dev.evenkeel.payments.provider.ProviderRequest.Kind;
import dev.evenkeel.payments.provider.ProviderRequest.Known;
import dev.evenkeel.payments.provider.ProviderRequest.Order;
import dev.evenkeel.payments.provider.ProviderResponse;
import dev.evenkeel.payments.provider.ReportPage;
import dev.evenkeel.payments.provider.RetryAfter;
import dev.evenkeel.payments.provider.TooManyRequestsException;
import dev.evenkeel.payments.provider.WebhookHint;
import dev.evenkeel.payments.provider.Wire;
import dev.evenkeel.payments.provider.World;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Charges cards at Stripe: a pay-in is a payment intent, a refund is a refund of it. */
final class StripeGateway implements Gateway {

  static final String NAME = "stripe";

  private static final Duration QUERY_DELAY = Duration.ofHours(1);

  private static final ProviderResponse INCOMPLETE =
      new ProviderResponse.Unknown("the provider's answer is incomplete", false);

  private final Wire wire;
  private final StripeClient stripe;
  private final URI returnUrl;
  private final StripeWebhooks webhooks;
  private final World world;

  /**
   * @param returnUrl where customers come back to after they have acted at their bank
   */
  StripeGateway(String apiKey, URI returnUrl, StripeWebhooks webhooks, Wire wire, World world) {
    Stripe.enableTelemetry = false;
    this.wire = wire;
    this.stripe =
        StripeClient.builder()
            .setApiKey(apiKey)
            .setHttpClient(new WireHttpClient(wire))
            .setMaxNetworkRetries(0)
            .build();
    this.returnUrl = returnUrl;
    this.webhooks = webhooks;
    this.world = world;
  }

  @Override
  public String name() {
    return NAME;
  }

  /** Writes the form that Stripe gets. An order that Stripe cannot take is empty, and not sent. */
  @Override
  public String write(Order order) {
    if (refusal(order) != null) {
      return "";
    }
    Long amount = StripeAmounts.toStripe(order.amount(), order.currency());
    String reference = order.reference().toString();
    Map<String, Object> form =
        order.kind() == Kind.REFUND
            ? RefundCreateParams.builder()
                .setPaymentIntent(order.chargeOperation())
                .setAmount(amount)
                .putMetadata(StripeReader.REFERENCE, reference)
                .build()
                .toMap()
            : PaymentIntentCreateParams.builder()
                .setAmount(amount)
                .setCurrency(order.currency().toLowerCase(Locale.ROOT))
                .setPaymentMethod(order.instrument())
                .addPaymentMethodType("card")
                .setConfirm(true)
                .setReturnUrl(returnUrl.toString())
                .setCaptureMethod(
                    order.manualCapture()
                        ? PaymentIntentCreateParams.CaptureMethod.MANUAL
                        : PaymentIntentCreateParams.CaptureMethod.AUTOMATIC)
                .putMetadata(StripeReader.REFERENCE, reference)
                .build()
                .toMap();
    return FormEncoder.createQueryString(new TreeMap<>(form));
  }

  /** Returns why Stripe cannot take an order; null if it can. */
  private static @Nullable String refusal(Order order) {
    if (order.kind() == Kind.PAYOUT) {
      return "Stripe pays out to our own bank account only";
    }
    if (order.kind() == Kind.REFUND && order.chargeOperation() == null) {
      return "Stripe's id of the refunded charge is not known";
    }
    return StripeAmounts.toStripe(order.amount(), order.currency()) == null
        ? "Stripe takes " + order.currency() + " with fewer decimals"
        : null;
  }

  @Override
  public Answer send(ProviderRequest request, Duration timeout) throws IOException {
    Order order = request.order();
    String refusal = refusal(order);
    if (refusal != null) {
      return new Answer(new ProviderResponse.Rejected(refusal), true, Duration.ZERO);
    }
    String path = order.kind() == Kind.REFUND ? "/v1/refunds" : "/v1/payment_intents";
    String body = Objects.requireNonNull(request.body());
    return answer(
        timeout,
        calls -> response(request, calls.create(path, body, order.reference().toString()), calls),
        StripeGateway::refusedOrder);
  }

  /**
   * Its effect is the same however often it is sent: a payment intent is captured or canceled once.
   * A key of its own would only make Stripe repeat a stored error for a day.
   */
  @Override
  public Answer followUp(ProviderRequest request, Duration timeout) throws IOException {
    Known known = Objects.requireNonNull(request.known());
    String id = known.operation();
    return answer(
        timeout,
        calls ->
            response(
                request,
                known.followUp() == FollowUp.CAPTURE
                    ? capture(id, request, calls)
                    : cancel(id, calls),
                calls),
        StripeGateway::refused);
  }

  private static PaymentIntent capture(String id, ProviderRequest request, StripeCalls calls)
      throws IOException, StripeException {
    Long amount = StripeAmounts.toStripe(request.approvedAmount(), request.order().currency());
    PaymentIntentCaptureParams params =
        PaymentIntentCaptureParams.builder().setAmountToCapture(amount).build();
    return calls.change(id, (it, options) -> it.paymentIntents().capture(id, params, options));
  }

  private static PaymentIntent cancel(String id, StripeCalls calls)
      throws IOException, StripeException {
    PaymentIntentCancelParams params = PaymentIntentCancelParams.builder().build();
    return calls.change(id, (it, options) -> it.paymentIntents().cancel(id, params, options));
  }

  @Override
  public Answer query(ProviderRequest request, Duration timeout) throws IOException {
    return answer(timeout, calls -> find(request, calls), StripeGateway::refusedQuery);
  }

  private static ProviderResponse find(ProviderRequest request, StripeCalls calls)
      throws IOException, StripeException {
    Order order = request.order();
    String reference = order.reference().toString();
    Known known = request.known();
    List<String> ids =
        known != null
            ? List.of(known.operation())
            : switch (order.kind()) {
              case CHARGE -> calls.search(reference).stream().map(PaymentIntent::getId).toList();
              case REFUND ->
                  order.chargeOperation() == null
                      ? List.of()
                      : calls.refunds(order.chargeOperation()).stream()
                          .filter(
                              it -> reference.equals(it.getMetadata().get(StripeReader.REFERENCE)))
                          .map(Refund::getId)
                          .toList();
              case PAYOUT -> List.of();
            };
    return switch (ids.size()) {
      case 0 -> new ProviderResponse.NotFound();
      case 1 -> {
        String id = ids.getFirst();
        boolean refund = order.kind() == Kind.REFUND;
        yield response(request, refund ? calls.refund(id) : calls.paymentIntent(id), calls);
      }
      default ->
          new ProviderResponse.Unknown(
              "the provider has several operations of one reference", true);
    };
  }

  /** Ends a payment intent that is declined: its customer could try again with another card. */
  private static ProviderResponse response(
      ProviderRequest request, StripeObject object, StripeCalls calls)
      throws IOException, StripeException {
    if (object instanceof Refund refund) {
      return response(request, StripeReader.read(refund), null);
    }
    if (!(object instanceof PaymentIntent it)) {
      return INCOMPLETE;
    }
    String declineCode = StripeReader.declineCode(it);
    PaymentIntent now = StripeReader.waitsForAnotherInstrument(it) ? cancel(it.getId(), calls) : it;
    if (StripeReader.waitsForAnotherInstrument(now)) {
      return new ProviderResponse.Unknown("the provider has not canceled what it declined", false);
    }
    List<Dispute> disputes = StripeReader.isDisputed(now) ? calls.disputes(now.getId()) : List.of();
    return response(
        request, StripeReader.read(now, disputes, declineCode), StripeReader.redirectUrl(now));
  }

  private static ProviderResponse response(
      ProviderRequest request, @Nullable ProviderOperation operation, @Nullable String url) {
    return operation == null || operation.reference() == null
        ? INCOMPLETE
        : operation.responseTo(request, url);
  }

  /** Stripe's index of payment intents is up to an hour late when something is wrong there. */
  @Override
  public Duration queryDelay() {
    return QUERY_DELAY;
  }

  @Override
  public ReportPage list(Instant from, Instant to, @Nullable String after, Duration timeout)
      throws IOException {
    return read(() -> StripeReport.page(from, to, after, new StripeCalls(stripe, timeout, world)));
  }

  @Override
  public List<ProviderBalance> balances(Duration timeout) throws IOException {
    return read(() -> StripeReport.balances(new StripeCalls(stripe, timeout, world)));
  }

  private interface Read<T> {
    T run() throws IOException, StripeException;
  }

  private static <T> T read(Read<T> read) throws IOException {
    try {
      return read.run();
    } catch (StripeException failure) {
      if (StripeCalls.status(failure) == 429) {
        throw new TooManyRequestsException(RetryAfter.pause(headers(failure)));
      }
      throw new IOException("the provider answered " + StripeCalls.status(failure), failure);
    }
  }

  @Override
  public WebhookHint readWebhook(Map<String, List<String>> headers, byte[] body) {
    return webhooks.read(headers, body);
  }

  private interface Work {
    ProviderResponse run(StripeCalls calls) throws IOException, StripeException;
  }

  private interface Refusal {
    ProviderResponse of(int status, StripeException failure);
  }

  private Answer answer(Duration timeout, Work work, Refusal refusal) throws IOException {
    try {
      ProviderResponse response = work.run(new StripeCalls(stripe, timeout, world));
      return new Answer(response, true, Duration.ZERO);
    } catch (StripeException failure) {
      int status = StripeCalls.status(failure);
      HttpHeaders headers = headers(failure);
      // Without the header, another request is working on the same object.
      boolean tooMany =
          status == 429 && headers.firstValue("Stripe-Rate-Limited-Reason").isPresent();
      return new Answer(
          refusal.of(status, failure),
          status < 500,
          tooMany ? RetryAfter.pause(headers) : Duration.ZERO);
    }
  }

  private static ProviderResponse refusedOrder(int status, StripeException failure) {
    StripeError error = failure.getStripeError();
    String code = error == null || error.getCode() == null ? "" : " " + error.getCode();
    boolean keyReused = error != null && "idempotency_error".equals(error.getType());
    if (keyReused) {
      return new ProviderResponse.Unknown("the key belongs to another request", true);
    }
    return switch (status) {
      case 400, 402, 404 -> new ProviderResponse.Rejected("the provider answered " + status + code);
      default -> refused(status, failure);
    };
  }

  private static ProviderResponse refusedQuery(int status, StripeException failure) {
    return status == 404 ? new ProviderResponse.NotFound() : refused(status, failure);
  }

  private static ProviderResponse refused(int status, StripeException failure) {
    return switch (status) {
      case 200 -> new ProviderResponse.Unknown("the provider's answer is malformed", false);
      case 409, 424 -> new ProviderResponse.Unknown("the provider answered " + status, false);
      case 429 -> ProviderResponse.failure(status, RetryAfter.pause(headers(failure)));
      default -> ProviderResponse.failure(status, RetryAfter.of(headers(failure)));
    };
  }

  private static HttpHeaders headers(StripeException failure) {
    StripeError error = failure.getStripeError();
    boolean known = error != null && error.getLastResponse() != null;
    return HttpHeaders.of(
        known ? error.getLastResponse().headers().map() : Map.of(), (_, _) -> true);
  }

  @Override
  public void close() {
    wire.close();
  }
}
