package dev.evenkeel.observability.traces;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a request spent its time on; no moment counts twice. */
class RequestPartsTests {

  private static final AttributeKey<String> SQL = AttributeKey.stringKey("jdbc.query[0]");

  final MadeSpans spans = new MadeSpans(1_000_000);

  /** The request of the test, which takes 100 ms. */
  Span request;

  /** Makes a span within another one, from and to so many milliseconds of the request. */
  private void span(Span parent, String name, long from, long to) {
    span(parent, name, from, to, Attributes.empty());
  }

  private void sql(Span parent, long from, long to) {
    span(parent, "select a.b", from, to, Attributes.of(SQL, "select * from a.b"));
  }

  private void span(Span parent, String name, long from, long to, Attributes attributes) {
    spans.pass(Duration.ofMillis(to));
    spans.end(spans.begin(parent, name, to - from).setAllAttributes(attributes));
    spans.pass(Duration.ofMillis(-to));
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
    sql(request, 0, 10);
    span(request, "connection", 10, 15);
    span(request, "ledger.post", 20, 50);
    span(request, "provider.charge", 50, 90);
    span(request, "provider.ask", 95, 96);
    expect(15, 30, 41, 14);
  }

  @Test
  void countsSqlWithinItsConnectionOnce() {
    Span connection = spans.begin(request, "connection", 0);
    sql(connection, 10, 20);
    sql(connection, 15, 25);
    spans.pass(Duration.ofMillis(30));
    spans.end(connection);
    spans.pass(Duration.ofMillis(-30));
    expect(30, 0, 0, 70);
  }

  @Test
  void countsOverlapsForTheProviderFirstThenForTheBatch() {
    sql(request, 10, 60);
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
    sql(request, 90, 110);
    expect(10, 5, 0, 85);
  }

  @Test
  void leavesOutLaterWorkInItsTrace() {
    Span consumer = spans.beginLater(request, "later", 0);
    sql(consumer, 10, 20);
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
