package dev.evenkeel.notifications.webhooks;

import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.EmptyWebhookSecretException;
import com.standardwebhooks.exceptions.WebhookSigningException;
import dev.evenkeel.notifications.Notification;
import dev.evenkeel.notifications.webhooks.DeliveryRules.Answer;
import dev.evenkeel.notifications.webhooks.WebhookDeliveries.Claimed;
import java.io.IOException;
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
import java.util.Set;
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
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.apache.hc.core5.util.Timeout;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * One attempt: a signed POST after Standard Webhooks, on a connection of its own. Whatever the
 * endpoint does, it ends after five seconds, follows no redirect and keeps nothing of the answer.
 */
@Component
class WebhookClient implements AutoCloseable {

  private static final Duration LONGEST = Duration.ofSeconds(5);
  private static final int MOST_OF_AN_ANSWER = 1024;

  /** What a person reads, and whether: the rest is the same at each attempt. */
  private static final Set<String> TEXTS = Set.of("title", "body", "readAt");

  private final WebhookSecrets secrets;
  private final JsonMapper json;
  private final CloseableHttpClient http;
  private final ScheduledExecutorService deadlines =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("webhook-deadlines").factory());

  WebhookClient(WebhookAddresses addresses, WebhookSecrets secrets, JsonMapper json) {
    this.secrets = secrets;
    this.json = json;
    Timeout longest = Timeout.of(LONGEST);
    this.http =
        HttpClients.custom()
            .setConnectionManager(
                PoolingHttpClientConnectionManagerBuilder.create()
                    .setDnsResolver(addresses)
                    // The sender says how many at once, for each endpoint: a bound here would be
                    // one that hanging endpoints share with all others.
                    .setMaxConnTotal(Integer.MAX_VALUE)
                    .setMaxConnPerRoute(Integer.MAX_VALUE)
                    .setDefaultConnectionConfig(
                        ConnectionConfig.custom()
                            .setConnectTimeout(longest)
                            .setSocketTimeout(longest)
                            .build())
                    .build())
            // A kept connection would be one whose address nobody looks at again.
            .setConnectionReuseStrategy((_, _, _) -> false)
            .setUserAgent("Evenkeel-Webhooks")
            .disableRedirectHandling()
            .disableAutomaticRetries()
            .disableCookieManagement()
            .disableAuthCaching()
            .disableContentCompression()
            .build();
  }

  private record Payload(String type, Instant timestamp, JsonNode data) {}

  Answer send(Claimed claimed) {
    HttpPost request = request(claimed);
    var deadline = deadlines.schedule(request::cancel, LONGEST.toMillis(), TimeUnit.MILLISECONDS);
    try {
      ClassicHttpResponse response =
          http.executeOpen(RoutingSupport.determineHost(request), request, null);
      HttpEntity body = response.getEntity();
      if (body != null) {
        body.getContent().readNBytes(MOST_OF_AN_ANSWER);
      }
      return new Answer.Status(response.getCode(), retryAfter(response));
    } catch (WebhookAddresses.NotLookedUpException busy) {
      return new Answer.NotAsked(String.valueOf(busy.getMessage()));
    } catch (UnknownHostException unknown) {
      return new Answer.None(String.valueOf(unknown.getMessage()));
    } catch (IOException | HttpException failure) {
      return new Answer.None(request.isCancelled() ? "no answer in time" : "no answer");
    } finally {
      deadline.cancel(false);
      // To close the response would be to read the rest of it.
      request.cancel();
    }
  }

  private HttpPost request(Claimed claimed) {
    Notification told = claimed.notification();
    ObjectNode data = json.valueToTree(told);
    data.remove(TEXTS);
    String body = json.writeValueAsString(new Payload(told.type(), told.createdAt(), data));
    long now = Instant.now().getEpochSecond();
    HttpPost request = new HttpPost(URI.create(claimed.url()));
    request.setHeader("webhook-id", claimed.id().toString());
    request.setHeader("webhook-timestamp", String.valueOf(now));
    request.setHeader("webhook-signature", signatures(claimed, now, body));
    request.setEntity(
        new StringEntity(body, ContentType.APPLICATION_JSON.withCharset(StandardCharsets.UTF_8)));
    return request;
  }

  /** One by each secret that is valid. */
  private String signatures(Claimed claimed, long now, String body) {
    List<String> signatures = new ArrayList<>();
    for (String secret : claimed.secrets()) {
      try {
        signatures.add(
            new Webhook(secrets.decrypted(claimed.endpoint(), secret))
                .sign(claimed.id().toString(), now, body));
      } catch (EmptyWebhookSecretException | WebhookSigningException never) {
        throw new IllegalStateException(never);
      }
    }
    return String.join(" ", signatures);
  }

  /** Seconds or a date; what is neither asks for nothing. */
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
