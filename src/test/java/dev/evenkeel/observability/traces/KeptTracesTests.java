package dev.evenkeel.observability.traces;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.observability.traces.KeptTraces.KeptRequest;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Traces are kept for 15 minutes, in bounded memory, those that operators look for the longest. */
class KeptTracesTests {

  private static final long LIMIT = 200_000;

  final MadeSpans spans = new MadeSpans(LIMIT);
  final KeptTraces kept = spans.kept;

  private boolean isKept(String trace) {
    return !kept.spans(trace).isEmpty();
  }

  /** Many more requests than fit, each faster than all that a test made. */
  private void flood() {
    flood(5000);
  }

  private void flood(int requests) {
    flood(spans, requests);
  }

  private static void flood(MadeSpans spans, int requests) {
    // What is among the slowest of a minute counts as slow: these take the places of this minute
    IntStream.range(0, KeptTraces.LISTED).forEach(_ -> spans.request(9, 200));
    for (int i = 0; i < requests; i++) {
      spans.request(1, 200);
      assertThat(spans.kept.bytes()).isLessThanOrEqualTo(spans.limit);
    }
  }

  private String payment() {
    Span request = spans.beginRequest(5);
    spans.end(spans.begin(request, "provider.charge", 3));
    return spans.end(request, 201);
  }

  @Test
  void dropsTheOldestOrdinaryTracesFirst() {
    flood(10);
    String first = spans.request(1, 200);
    flood();
    String last = spans.request(1, 200);

    assertThat(isKept(first)).isFalse();
    assertThat(isKept(last)).isTrue();
    assertThat(kept.bytes()).isGreaterThan(LIMIT * 9 / 10);
  }

  @Test
  void keepsSlowRequestsWhenMemoryIsFull() {
    String slow = spans.request(10, 200);
    flood();

    assertThat(isKept(slow)).isTrue();
  }

  @Test
  void keepsTheSlowestRequestsOfEachMinute() {
    MadeSpans spans = new MadeSpans(1_000_000);
    IntStream.range(0, KeptTraces.LISTED).forEach(_ -> spans.request(1000, 200));
    spans.pass(Duration.ofMinutes(1));
    List<String> slow = new ArrayList<>();
    for (int minute = 0; minute < 10; minute++) {
      flood(spans, 1000);
      slow.add(spans.request(10, 200));
      flood(spans, 1000);
      spans.pass(Duration.ofMinutes(1));
    }

    assertThat(slow).noneMatch(trace -> spans.kept.spans(trace).isEmpty());
  }

  @Test
  void keepsFailedRequestsWhenMemoryIsFull() {
    flood(10);
    String failed = spans.request(1, 500);
    flood();

    assertThat(isKept(failed)).isTrue();
  }

  @Test
  void keepsFailedWorkWhenMemoryIsFull() {
    String failed = spans.end(spans.begin("payments.recovery", 1).setStatus(StatusCode.ERROR));
    flood();

    assertThat(isKept(failed)).isTrue();
  }

  @Test
  void keepsPaymentsWhenMemoryIsFull() {
    flood(10);
    String payment = payment();
    flood();

    assertThat(isKept(payment)).isTrue();
  }

  @Test
  void prefersPaymentsHoweverManyThereAre() {
    flood(10);
    List<String> payments = IntStream.range(0, 100).mapToObj(_ -> payment()).toList();
    assertThat(kept.bytes()).isGreaterThan(LIMIT / 2);
    flood();

    assertThat(payments).allMatch(this::isKept);
  }

  @Test
  void keepsPaymentsThatARetryEnds() {
    flood(10);
    Span request = spans.beginRequest(1);
    String payment = spans.end(request, 202);
    Span recovery = spans.beginLater(request, "payments.recovery", 1);
    spans.end(spans.begin(recovery, "provider.ask", 1));
    spans.end(recovery);
    flood();

    assertThat(kept.spans(payment)).hasSize(3);
  }

  @Test
  void keepsWhatARequestHasDoneUntilItEnds() {
    flood(10);
    Span request = spans.beginRequest(1);
    spans.end(spans.begin(request, "query", 1));
    flood();
    String trace = spans.end(request, 200);

    assertThat(kept.spans(trace)).hasSize(2);
  }

  @Test
  void keepsTheBatchOfASlowTransfer() {
    flood(10);
    Span batch = spans.begin("ledger.batch", 3);
    spans.end(spans.begin(batch, "query", 2));
    Span request = spans.beginRequest(10);
    spans.end(spans.begin(request, "ledger.post", 9).addLink(batch.getSpanContext()));
    spans.end(request, 201);
    spans.end(batch);
    flood();

    assertThat(kept.spans(batch.getSpanContext().getTraceId())).hasSize(2);
  }

  @Test
  void leavesRoomForEachKindOfTrace() {
    flood(10);
    List<String> payments = IntStream.range(0, 10).mapToObj(_ -> payment()).toList();
    String slow = spans.request(10, 200);
    for (int i = 0; i < 5000; i++) {
      spans.request(1, 503);
      assertThat(kept.bytes()).isLessThanOrEqualTo(LIMIT);
    }

    assertThat(payments).allMatch(this::isKept);
    assertThat(isKept(slow)).isTrue();
  }

  @Test
  void forgetsTracesAfterFifteenMinutes() {
    String trace = spans.request(1, 500);

    spans.pass(KeptTraces.KEPT_FOR);
    assertThat(isKept(trace)).isTrue();
    assertThat(kept.requests()).hasSize(1);

    spans.pass(Duration.ofMillis(1));
    assertThat(isKept(trace)).isFalse();
    assertThat(kept.requests()).isEmpty();
  }

  @Test
  void forgetsOldRequestsOfTracesThatGoOn() {
    Span request = spans.beginRequest(1);
    String trace = spans.end(request, 500);
    spans.pass(KeptTraces.KEPT_FOR.plusMillis(1));
    spans.end(spans.beginLater(request, "later", 0));

    assertThat(kept.requests()).isEmpty();
    assertThat(kept.spans(trace)).hasSize(1);
  }

  @Test
  void givesUpTheMemoryOfOldTraces() {
    spans.request(1, 500);
    spans.end(spans.begin(spans.beginRequest(1), "query", 1));
    payment();
    spans.pass(KeptTraces.KEPT_FOR.plusMillis(1));
    spans.request(1, 500);
    long one = kept.bytes();

    spans.pass(KeptTraces.KEPT_FOR.plusMillis(1));
    spans.request(1, 500);
    assertThat(kept.bytes()).isEqualTo(one);
  }

  @Test
  void keepsOnlyTheLastSpansOfALongTrace() {
    MadeSpans spans = new MadeSpans(100_000_000);
    Span root = spans.beginRequest(1);
    IntStream.range(0, KeptTrace.MAX_SPANS).forEach(_ -> spans.end(spans.begin(root, "query", 1)));
    long full = spans.kept.bytes();
    IntStream.range(0, 100).forEach(_ -> spans.end(spans.begin(root, "query", 1)));
    String trace = spans.end(root, 500);

    assertThat(spans.kept.spans(trace)).hasSize(KeptTrace.MAX_SPANS);
    assertThat(spans.kept.bytes()).isLessThan(full + 1000);
    assertThat(spans.kept.requests()).hasSize(1);
  }

  @Test
  void countsTextsThatSpansShareOnce() {
    String sql = "select " + "x".repeat(2000);
    long before = kept.bytes();
    spans.end(spans.begin("query", 1).setAttribute("jdbc.query[0]", sql));
    long first = kept.bytes() - before;
    spans.end(spans.begin("query", 1).setAttribute("jdbc.query[0]", sql + ""));
    long second = kept.bytes() - before - first;

    assertThat(first).isGreaterThan(2000);
    assertThat(second).isLessThan(1000);
  }

  @Test
  void boundsTheTextsThatSpansShare() {
    for (int i = 0; i < 5000; i++) {
      Span span = spans.begin("query", 1);
      spans.end(span.setAttribute("jdbc.query[0]", "select " + UUID.randomUUID()));
      assertThat(kept.bytes()).isLessThanOrEqualTo(LIMIT);
    }
  }

  @Test
  void listsFailedRequestsBeforeSlowOnes() {
    spans.request(7, 200);
    spans.request(20, 500);
    spans.pass(Duration.ofSeconds(1));
    spans.request(9, 404);
    spans.request(1, 503);

    assertThat(kept.requests())
        .extracting(request -> request.span().status() + " in " + request.span().duration() / 1000)
        .containsExactly("503 in 1", "500 in 20", "404 in 9", "200 in 7");
  }

  @Test
  void listsTheLatestFailedAndTheSlowestRequests() {
    MadeSpans spans = new MadeSpans(100_000_000);
    for (int i = 1; i <= 200; i++) {
      spans.pass(Duration.ofMillis(1));
      spans.request(i, 200);
      spans.request(1, 500 + i % 100);
    }

    List<KeptRequest> requests = spans.kept.requests();
    assertThat(requests).hasSize(2 * KeptTraces.LISTED);
    assertThat(requests.getFirst().span().endedAt())
        .isGreaterThan(requests.get(49).span().endedAt());
    assertThat(requests.get(50).span().duration()).isEqualTo(200_000);
    assertThat(requests.getLast().span().duration()).isEqualTo(151_000);
  }

  @Test
  void listsNoStreams() {
    spans.end(spans.beginRequest(60_000).setAttribute("stream", "true"), 200);

    assertThat(kept.requests()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/console", "/console/requests/{id}", "REDIRECTION", "UNKNOWN"})
  void listsPagesAndUnroutedRequestsOnlyIfTheyFail(String page) {
    spans.end(spans.beginRequest(60_000).setAttribute("uri", page), 200);
    assertThat(kept.requests()).isEmpty();

    spans.end(spans.beginRequest(1).setAttribute("uri", page), 500);
    assertThat(kept.requests()).hasSize(1);
  }

  @Test
  void keepsNothingThatCallersWrote() {
    Span request = spans.beginRequest(1);
    spans.end(
        request
            .setAttribute("http.url", "/v1/things/4111111111111111")
            .setAttribute("exception", "none")
            .updateName("http tok_secret")
            .recordException(new IllegalStateException("tok_secret"))
            .setStatus(StatusCode.ERROR, "tok_secret"),
        500);

    KeptSpan span = kept.spans(request.getSpanContext().getTraceId()).getFirst();
    assertThat(span.name()).isEqualTo("POST /v1/things/{id}");
    assertThat(span.error()).isEqualTo("java.lang.IllegalStateException");
    assertThat(span.attributes())
        .containsExactlyInAnyOrder("method", "POST", "uri", "/v1/things/{id}", "status", "500");
  }

  @Test
  void keepsNothingWithoutMemory() {
    MadeSpans spans = new MadeSpans(0);

    assertThat(spans.kept.spans(spans.request(1, 500))).isEmpty();
    assertThat(spans.kept.isEndRequired()).isFalse();
  }
}
