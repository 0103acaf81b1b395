package dev.evenkeel.observability.traces;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.trace.Span;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a request spent its time on; no moment counts twice. */
class RequestPartsTests {

  final MadeSpans spans = new MadeSpans(1_000_000);

  /** The request of the test, which takes 100 ms. */
  Span request;

  /** Makes a span within another one, from and to so many milliseconds of the request. */
  private Span span(Span parent, String name, long from, long to) {
    spans.pass(Duration.ofMillis(to));
    Span span = spans.begin(parent, name, to - from);
    spans.end(span);
    spans.pass(Duration.ofMillis(-to));
    return span;
  }

  @BeforeEach
  void begin() {
    request = spans.beginRequest(0);
  }

  private void expect(double database, double batch, double provider, double other) {
    spans.pass(Duration.ofMillis(100));
    spans.end(request, 200);
    assertThat(spans.kept.requests())
        .singleElement()
        .satisfies(kept ->
            assertThat(kept.parts()).isEqualTo(new RequestParts(database, batch, provider, other)));
  }

  @Test
  void countsUnknownTimeAsOther() {
    span(request, "something", 10, 90);
    expect(0, 0, 0, 100);
  }

  @Test
  void addsUpEachPart() {
    span(request, "query", 0, 10);
    span(request, "connection", 10, 15);
    span(request, "ledger.post", 20, 50);
    span(request, "provider.charge", 50, 90);
    span(request, "provider.ask", 95, 96);
    expect(15, 30, 41, 14);
  }

  @Test
  void countsSqlWithinItsConnectionOnce() {
    Span connection = spans.begin(request, "connection", 0);
    span(connection, "query", 10, 20);
    span(connection, "query", 15, 25);
    spans.pass(Duration.ofMillis(30));
    spans.end(connection);
    spans.pass(Duration.ofMillis(-30));
    expect(30, 0, 0, 70);
  }

  @Test
  void countsOverlapsForTheProviderFirstThenForTheBatch() {
    span(request, "query", 10, 60);
    span(request, "ledger.post", 20, 70);
    span(request, "provider.charge", 30, 40);
    expect(10, 40, 10, 40);
  }

  @Test
  void countsTheProviderWithinABatchOnce() {
    Span post = spans.begin(request, "ledger.post", 0);
    span(post, "provider.charge", 10, 20);
    spans.pass(Duration.ofMillis(50));
    spans.end(post);
    spans.pass(Duration.ofMillis(-50));
    expect(0, 40, 10, 50);
  }

  @Test
  void cutsOffWhatIsOutsideOfTheRequest() {
    span(request, "ledger.post", -5, 5);
    span(request, "query", 90, 110);
    expect(10, 5, 0, 85);
  }

  @Test
  void leavesOutLaterWorkInItsTrace() {
    Span consumer = spans.beginLater(request, "later", 0);
    span(consumer, "query", 10, 20);
    spans.end(consumer);
    expect(0, 0, 0, 100);
  }

  @Test
  void leavesOutOtherRequestsOfItsTrace() {
    Span other = spans.beginLater(request, "other", 0);
    span(other, "provider.charge", 10, 20);
    expect(0, 0, 0, 100);
  }
}
