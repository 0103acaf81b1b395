package dev.evenkeel.notifications.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.testing.Api;
import dev.testing.RecordedSpans;
import dev.testing.WholeApplication;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.micrometer.tracing.test.autoconfigure.AutoConfigureTracing;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The attempts at a delivery are in the trace of the request that caused the notification. */
@WholeApplication
@AutoConfigureTracing
@Import(RecordedSpans.class)
@ExtendWith(OutputCaptureExtension.class)
class WebhookTracingTests {

  private static final Duration LONG = Duration.ofSeconds(20);

  @LocalServerPort int port;
  @Autowired JdbcClient jdbc;

  final String trace = UUID.randomUUID().toString().replace("-", "");
  Receiver receiver;
  Api ada;
  UUID account;
  String endpoint;

  @BeforeEach
  void createEndpoint() throws Exception {
    receiver = new Receiver();
    ada = new Api(port, "ada-" + UUID.randomUUID());
    account = ada.openAccount(1000);
    Api.Answer created = ada.post("/v1/webhook-endpoints", Map.of("url", receiver.url()));
    assertThat(created.status()).as(created.toString()).isEqualTo(201);
    endpoint = "/v1/webhook-endpoints/" + created.id();
  }

  /** No later attempt disturbs the other tests of traces. */
  @AfterEach
  void disable() {
    ada.post(endpoint + "/disable");
    receiver.close();
  }

  private void payIn(String sampled) {
    Api.Answer answer =
        ada.send(
            ada.payingIn(account, 1250, "tok_ok")
                .header("traceparent", "00-" + trace + "-00f067aa0ba902b7-" + sampled));
    assertThat(answer.status()).as(answer.toString()).isBetween(201, 202);
  }

  private Stream<SpanData> spans() {
    return RecordedSpans.SPANS.getFinishedSpanItems().stream()
        .filter(span -> span.getTraceId().equals(trace));
  }

  private List<SpanData> awaitAttempts(int count) {
    return await()
        .atMost(LONG)
        .until(
            () -> spans().filter(span -> span.getName().equals("webhooks.attempt")).toList(),
            attempts -> attempts.size() == count);
  }

  private List<@Nullable String> storedTraces() {
    return jdbc.sql(
            """
            select traceparent from notifications.notification
            where account = ? order by seq
            """)
        .param(account)
        .query(String.class)
        .list();
  }

  /** Ends the pause before the next attempt, once the last one has been saved. */
  private void makeDue() {
    makeDue("attempts");
  }

  private void makeDue(String attempts) {
    await()
        .atMost(LONG)
        .until(() ->
            jdbc.sql(
                        """
                        update notifications.webhook_delivery
                        set next_attempt_at = clock_timestamp(), attempts = %s
                        where status = 'pending' and last_error is not null and notification in (
                            select id from notifications.notification where account = ?)
                        """
                            .formatted(attempts))
                    .param(account)
                    .update()
                == 1);
  }

  @Test
  void continuesTheTraceInEachAttempt() {
    receiver.responds(500);
    payIn("01");
    awaitAttempts(1);
    receiver.responds(204);
    makeDue();

    List<SpanData> attempts = awaitAttempts(2);
    SpanData request = spans().filter(span -> span.getKind() == SpanKind.SERVER).findFirst().get();
    assertThat(attempts).extracting(SpanData::getParentSpanId).containsOnly(request.getSpanId());
    assertThat(attempts)
        .extracting(span -> span.getAttributes().get(AttributeKey.longKey("attempt")))
        .containsExactly(1L, 2L);
    assertThat(attempts)
        .extracting(span -> span.getAttributes().get(AttributeKey.stringKey("status")))
        .containsExactly("500", "204");
  }

  @Test
  void saysInTheTraceThatADeliveryIsDead(CapturedOutput output) {
    receiver.responds(410);
    payIn("01");
    awaitAttempts(1);

    assertThat(output).containsPattern("\\[" + trace + "] .* is dead: status 410");
  }

  @Test
  void saysInTheTraceThatTheLastAttemptWasInterrupted(CapturedOutput output) {
    receiver.responds(500);
    payIn("01");
    awaitAttempts(1);
    makeDue("8");

    await()
        .atMost(LONG)
        .untilAsserted(() ->
            assertThat(output)
                .containsPattern("\\[" + trace + "] .* is dead: the last attempt was interrupted"));
  }

  @ParameterizedTest
  @CsvSource({"01, 1", "00, 0"})
  void storesTheTraceIfItIsSampled(String sampled, int stored) {
    payIn(sampled);
    await().atMost(LONG).until(() -> storedTraces().size() == 1);

    assertThat(storedTraces()).filteredOn(Objects::nonNull).hasSize(stored);
  }

  /** Their rows are on the ledger's hot path. */
  @Test
  void storesNoTraceForTransfers() {
    ada.transfer(account, ada.openAccount(0), 1);
    await().atMost(LONG).until(() -> storedTraces().size() == 1);

    assertThat(storedTraces()).containsOnlyNulls();
  }
}
