package dev.evenkeel.notifications.webhooks;

import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.EmptyWebhookSecretException;
import com.standardwebhooks.exceptions.WebhookSigningException;
import dev.evenkeel.notifications.webhooks.AttemptResult.NoResponse;
import dev.evenkeel.notifications.webhooks.AttemptResult.NotSent;
import dev.evenkeel.notifications.webhooks.AttemptResult.Response;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.routing.RoutingSupport;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.apache.hc.core5.util.Timeout;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * Makes one attempt to deliver a notification: a POST that is signed according to Standard
 * Webhooks, on a new connection to one address. An attempt ends after five seconds, follows no
 * redirect and reads nothing of the response but its status and headers.
 */
@Component
class WebhookClient implements AutoCloseable {

  private static final Duration ATTEMPT_TIMEOUT = Duration.ofSeconds(5);

  private final WebhookAddresses addresses;
  private final WebhookSecrets secrets;
  private final JsonMapper json;
  private final CloseableHttpClient http;
  private final ScheduledExecutorService deadlines =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("webhook-deadlines").factory());

  WebhookClient(WebhookAddresses addresses, WebhookSecrets secrets, JsonMapper json) {
    this.addresses = addresses;
    this.secrets = secrets;
    this.json = json;
    Timeout timeout = Timeout.of(ATTEMPT_TIMEOUT);
    this.http =
        HttpClients.custom()
            .setConnectionManager(
                PoolingHttpClientConnectionManagerBuilder.create()
                    // The sender limits concurrent attempts per endpoint. A limit here would be
                    // shared, so that hanging endpoints would delay all others.
                    .setMaxConnTotal(Integer.MAX_VALUE)
                    .setMaxConnPerRoute(Integer.MAX_VALUE)
                    .setDefaultConnectionConfig(
                        ConnectionConfig.custom()
                            .setConnectTimeout(timeout)
                            .setSocketTimeout(timeout)
                            .build())
                    .build())
            // The address of a reused connection would not be checked again.
            .setConnectionReuseStrategy((_, _, _) -> false)
            .setUserAgent("Evenkeel-Webhooks")
            .disableRedirectHandling()
            .disableAutomaticRetries()
            .disableCookieManagement()
            .disableAuthCaching()
            .disableContentCompression()
            .build();
  }

  AttemptResult send(ClaimedDelivery delivery) {
    HttpPost request = request(delivery);
    var deadline =
        deadlines.schedule(request::cancel, ATTEMPT_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    try {
      HttpHost host = RoutingSupport.determineHost(request);
      InetAddress address = addresses.resolve(host.getHostName(), delivery.attempt());
      HttpHost target =
          new HttpHost(host.getSchemeName(), address, host.getHostName(), host.getPort());
      ClassicHttpResponse response = http.executeOpen(target, request, null);
      return new Response(response.getCode(), retryAfter(response));
    } catch (HostLookups.TooManyLookupsException busy) {
      return new NotSent(String.valueOf(busy.getMessage()));
    } catch (UnknownHostException unknown) {
      return new NoResponse(String.valueOf(unknown.getMessage()));
    } catch (IOException | HttpException failure) {
      return new NoResponse(request.isCancelled() ? "timed out" : "no response");
    } finally {
      deadline.cancel(false);
      // Closes the connection. Closing the response would read its body.
      request.cancel();
    }
  }

  private HttpPost request(ClaimedDelivery delivery) {
    String body = json.writeValueAsString(delivery.payload());
    long now = Instant.now().getEpochSecond();
    HttpPost request = new HttpPost(URI.create(delivery.url()));
    request.setHeader("webhook-id", delivery.id().toString());
    request.setHeader("webhook-timestamp", String.valueOf(now));
    request.setHeader("webhook-signature", signatures(delivery, now, body));
    request.setEntity(
        new StringEntity(body, ContentType.APPLICATION_JSON.withCharset(StandardCharsets.UTF_8)));
    return request;
  }

  /** Signs the body with each valid secret. */
  private String signatures(ClaimedDelivery delivery, long now, String body) {
    List<String> signatures = new ArrayList<>();
    for (String secret : delivery.secrets()) {
      try {
        signatures.add(
            new Webhook(secrets.decrypt(delivery.endpoint(), secret))
                .sign(delivery.id().toString(), now, body));
      } catch (EmptyWebhookSecretException | WebhookSigningException impossible) {
        throw new IllegalStateException(impossible);
      }
    }
    return String.join(" ", signatures);
  }

  /** Parses {@code Retry-After}, which is in seconds or a date; zero if it is neither. */
  private static Duration retryAfter(ClassicHttpResponse response) {
    Header header = response.getFirstHeader("Retry-After");
    String value = header == null ? "0" : header.getValue();
    try {
      return value.matches("[0-9]{1,9}")
          ? Duration.ofSeconds(Long.parseLong(value))
          : Duration.between(
              Instant.now(),
              ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
    } catch (DateTimeException malformed) {
      return Duration.ZERO;
    }
  }

  @Override
  public void close() throws IOException {
    deadlines.shutdownNow();
    http.close();
  }
}
