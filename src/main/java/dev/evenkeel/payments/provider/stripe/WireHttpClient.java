package dev.evenkeel.payments.provider.stripe;

import com.stripe.exception.ApiConnectionException;
import com.stripe.exception.ApiException;
import com.stripe.exception.StripeException;
import com.stripe.net.ApiResource.RequestMethod;
import com.stripe.net.HttpClient;
import com.stripe.net.HttpHeaders;
import com.stripe.net.StripeRequest;
import com.stripe.net.StripeResponse;
import dev.evenkeel.payments.provider.Wire;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Lets the SDK make its calls over our wire. Its own client repeats calls, waits for a slow body
 * without an end, and reads answers of any length.
 */
final class WireHttpClient extends HttpClient {

  private final Wire wire;

  WireHttpClient(Wire wire) {
    this.wire = wire;
  }

  /** Makes one call. The request's read timeout covers all of it. */
  @Override
  public StripeResponse request(StripeRequest request) throws StripeException {
    Map<String, String> headers = new HashMap<>();
    request.headers().map().forEach((name, values) -> headers.put(name, String.join(",", values)));
    boolean post = request.method() == RequestMethod.POST;
    String path = request.url().getFile();
    // A POST is about one operation; a GET may list many.
    Wire.Call call =
        new Wire.Call(
            post ? path.substring(path.lastIndexOf('/') + 1) : "ask",
            path,
            headers,
            post ? content(request) : null,
            post ? Wire.MAX_ANSWER : Wire.MAX_PAGE);
    try {
      Wire.Reply reply = wire.exchange(call, Duration.ofMillis(request.options().getReadTimeout()));
      if (reply.status() >= 300 && !isError(reply)) {
        throw new ApiException("no error of Stripe", null, null, reply.status(), null);
      }
      return new StripeResponse(reply.status(), HttpHeaders.of(reply.headers().map()), text(reply));
    } catch (IOException failure) {
      throw new ApiConnectionException(String.valueOf(failure.getMessage()), failure);
    }
  }

  /** The SDK does not tell the status of an error that it cannot read, such as a proxy's. */
  private static boolean isError(Wire.Reply reply) {
    try {
      return JsonMapper.shared().readTree(text(reply)).path("error").isObject();
    } catch (JacksonException unreadable) {
      return false;
    }
  }

  private static String text(Wire.Reply reply) {
    return new String(reply.body(), StandardCharsets.UTF_8);
  }

  private static String content(StripeRequest request) {
    var content = request.content();
    return content == null ? "" : new String(content.byteArrayContent(), StandardCharsets.UTF_8);
  }
}
