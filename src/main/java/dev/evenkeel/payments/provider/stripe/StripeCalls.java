package dev.evenkeel.payments.provider.stripe;

import com.stripe.StripeClient;
import com.stripe.exception.ApiConnectionException;
import com.stripe.exception.ApiException;
import com.stripe.exception.StripeException;
import com.stripe.model.Dispute;
import com.stripe.model.PaymentIntent;
import com.stripe.model.Refund;
import com.stripe.model.StripeError;
import com.stripe.model.StripeObject;
import com.stripe.net.ApiMode;
import com.stripe.net.ApiResource.RequestMethod;
import com.stripe.net.RawRequestOptions;
import com.stripe.net.RequestOptions;
import com.stripe.net.StripeResponse;
import com.stripe.param.DisputeListParams;
import com.stripe.param.PaymentIntentRetrieveParams;
import com.stripe.param.PaymentIntentSearchParams;
import com.stripe.param.RefundListParams;
import com.stripe.service.V1Services;
import dev.evenkeel.payments.provider.World;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * Calls of Stripe that share one timeout. They throw a {@link StripeException} for an answer that
 * is an error or cannot be read, and another {@link IOException} if there is no complete answer.
 */
final class StripeCalls {

  /** The largest page of a list. */
  static final long PAGE_SIZE = 100;

  private static final int OK = 200;
  private static final int PAYMENT_REQUIRED = 402;
  private static final int BAD_REQUEST = 400;

  private final StripeClient stripe;
  private final World world;
  private final long end;

  /** Whether a call was made: then a later one without a connection does not mean "not sent". */
  private boolean called;

  StripeCalls(StripeClient stripe, Duration timeout, World world) {
    this.stripe = stripe;
    this.world = world;
    this.end = world.nanoTime() + timeout.toNanos();
  }

  interface Call<T> {
    T make(V1Services stripe, RequestOptions options) throws StripeException;
  }

  <T> T make(Call<T> call) throws IOException, StripeException {
    RequestOptions options = RequestOptions.builder().setReadTimeout(millisLeft()).build();
    return checked(() -> call.make(stripe.v1(), options));
  }

  /**
   * Makes a payment intent or a refund. A replayed answer is what was true at the first time, so
   * the object is read again. A declined payment intent is the answer, too.
   */
  StripeObject create(String path, String body, String key) throws IOException, StripeException {
    RawRequestOptions options =
        RawRequestOptions.builder().setIdempotencyKey(key).setReadTimeout(millisLeft()).build();
    boolean[] replayed = new boolean[1];
    StripeObject created =
        declinedOr(() ->
            checked(() -> {
              StripeResponse answer = stripe.rawRequest(RequestMethod.POST, path, body, options);
              replayed[0] = answer.headers().firstValue("Idempotent-Replayed").isPresent();
              return stripe.deserialize(answer.body(), ApiMode.V1);
            }));
    return switch (created) {
      case PaymentIntent it when replayed[0] -> paymentIntent(it.getId());
      case Refund it when replayed[0] -> refund(it.getId());
      default -> created;
    };
  }

  /** Changes a payment intent. If Stripe refuses, what the payment intent is now is the answer. */
  PaymentIntent change(String id, Call<PaymentIntent> change) throws IOException, StripeException {
    try {
      return (PaymentIntent) declinedOr(() -> make(change));
    } catch (StripeException refused) {
      if (status(refused) == BAD_REQUEST) {
        return paymentIntent(id);
      }
      throw refused;
    }
  }

  PaymentIntent paymentIntent(String id) throws IOException, StripeException {
    PaymentIntentRetrieveParams params =
        PaymentIntentRetrieveParams.builder().addExpand("latest_charge").build();
    return make((it, options) -> it.paymentIntents().retrieve(id, params, options));
  }

  Refund refund(String id) throws IOException, StripeException {
    return make((it, options) -> it.refunds().retrieve(id, options));
  }

  /** Finds payment intents by our reference. Stripe's index lags behind, so they are read again. */
  List<PaymentIntent> search(String reference) throws IOException, StripeException {
    PaymentIntentSearchParams params =
        PaymentIntentSearchParams.builder()
            .setQuery("metadata['%s']:'%s'".formatted(StripeReader.REFERENCE, reference))
            .setLimit(2L)
            .build();
    return make((it, options) -> it.paymentIntents().search(params, options).getData());
  }

  List<Refund> refunds(String paymentIntent) throws IOException, StripeException {
    RefundListParams params =
        RefundListParams.builder().setPaymentIntent(paymentIntent).setLimit(PAGE_SIZE).build();
    return make((it, options) -> it.refunds().list(params, options).getData());
  }

  List<Dispute> disputes(String paymentIntent) throws IOException, StripeException {
    DisputeListParams params =
        DisputeListParams.builder().setPaymentIntent(paymentIntent).setLimit(PAGE_SIZE).build();
    return make((it, options) -> it.disputes().list(params, options).getData());
  }

  private interface Work<T> {
    T run() throws IOException, StripeException;
  }

  private static StripeObject declinedOr(Work<? extends StripeObject> work)
      throws IOException, StripeException {
    try {
      return work.run();
    } catch (StripeException declined) {
      StripeError error = declined.getStripeError();
      if (status(declined) == PAYMENT_REQUIRED
          && error != null
          && error.getPaymentIntent() != null) {
        return error.getPaymentIntent();
      }
      throw declined;
    }
  }

  private <T> T checked(Work<T> work) throws IOException, StripeException {
    boolean first = !called;
    called = true;
    try {
      return Objects.requireNonNull(work.run());
    } catch (ApiConnectionException failure) {
      throw first && failure.getCause() instanceof IOException cause
          ? cause
          : new IOException(failure);
    } catch (RuntimeException unreadable) {
      throw new ApiException("the answer cannot be read", null, null, OK, unreadable);
    }
  }

  /** Returns the status of the answer; 0 if the SDK does not know it. */
  static int status(StripeException failure) {
    return Objects.requireNonNullElse(failure.getStatusCode(), 0);
  }

  private int millisLeft() throws IOException {
    long left = TimeUnit.NANOSECONDS.toMillis(end - world.nanoTime());
    if (left <= 0) {
      throw new IOException("no complete answer in time");
    }
    return (int) Math.min(left, Integer.MAX_VALUE);
  }
}
