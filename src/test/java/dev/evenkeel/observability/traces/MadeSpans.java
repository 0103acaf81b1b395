package dev.evenkeel.observability.traces;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;

/** Spans that a test makes, with OpenTelemetry's SDK, by its own clock. */
final class MadeSpans implements InstantSource {

  private final Tracer tracer;
  private Instant now = Instant.parse("2026-11-28T10:00:00Z");

  final long limit;
  final KeptTraces kept;

  MadeSpans(long limit) {
    this.limit = limit;
    kept = new KeptTraces(this, limit);
    tracer = SdkTracerProvider.builder().addSpanProcessor(kept).build().get("tests");
  }

  @Override
  public Instant instant() {
    return now;
  }

  void pass(Duration time) {
    now = now.plus(time);
  }

  /** Begins a request of this duration, which ends now. */
  Span beginRequest(long millis) {
    return begin(Context.root(), SpanKind.SERVER, "http post", millis)
        .setAttribute("method", "POST")
        .setAttribute("uri", "/v1/things/{id}");
  }

  /** A request of this duration that has just ended, and its trace. */
  String request(long millis, int status) {
    return end(beginRequest(millis), status);
  }

  String end(Span request, int status) {
    return end(request.setAttribute("status", String.valueOf(status)));
  }

  /** Ends a span now. */
  String end(Span span) {
    span.end(nanos(now), TimeUnit.NANOSECONDS);
    return span.getSpanContext().getTraceId();
  }

  /** Begins a span of this duration within another one. */
  Span begin(Span parent, String name, long millis) {
    return begin(Context.root().with(parent), SpanKind.INTERNAL, name, millis);
  }

  /** Begins a trace of this duration. */
  Span begin(String name, long millis) {
    return begin(Context.root(), SpanKind.INTERNAL, name, millis);
  }

  /** Begins a span that continues a trace later, as an event's consumer does. */
  Span beginLater(Span parent, String name, long millis) {
    SpanContext context = parent.getSpanContext();
    SpanContext stored =
        SpanContext.createFromRemoteParent(
            context.getTraceId(),
            context.getSpanId(),
            TraceFlags.getSampled(),
            TraceState.getDefault());
    return begin(Span.wrap(stored), name, millis);
  }

  private Span begin(Context parent, SpanKind kind, String name, long millis) {
    SpanBuilder span = tracer.spanBuilder(name).setParent(parent).setSpanKind(kind);
    return span.setStartTimestamp(nanos(now.minusMillis(millis)), TimeUnit.NANOSECONDS).startSpan();
  }

  private static long nanos(Instant time) {
    return TimeUnit.SECONDS.toNanos(time.getEpochSecond()) + time.getNano();
  }
}
