package dev.evenkeel.observability.traces;

import io.micrometer.common.KeyValue;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.AttributeType;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The kept part of a span. Callers can write into the path of a request, and exceptions have texts
 * of others, so only the attributes that are named here are kept, and only the class of an error.
 *
 * @param isRoot whether it is the first span of its trace, or of what this instance does in it
 * @param startedAt in microseconds since the epoch, as {@code endedAt}
 * @param bytes an upper bound of the memory that it takes up
 */
record KeptSpan(
    String traceId,
    String id,
    @Nullable String parent,
    boolean isRoot,
    boolean isRequest,
    String name,
    long startedAt,
    long endedAt,
    @Nullable String error,
    Map<String, String> attributes,
    List<String> links,
    long bytes) {

  static final String METHOD = "method";
  static final String ROUTE = "uri";
  static final String STATUS = "status";
  static final String STREAM = "stream";

  private static final Set<String> KEPT =
      Set.of(METHOD, ROUTE, STATUS, STREAM, "exception", "batch.size", "queued.us");
  private static final String SQL = "jdbc.query[";

  private static final AttributeKey<String> EXCEPTION = AttributeKey.stringKey("exception.type");

  private static final long SIZE = 300;
  private static final long SIZE_OF_ATTRIBUTE = 40;
  private static final long SIZE_OF_LINK = 120;

  static KeptSpan of(ReadableSpan span, SharedTexts texts) {
    SpanData data = span.toSpanData();
    SpanContext parent = data.getParentSpanContext();
    Map<String, String> attributes = new HashMap<>();
    data.getAttributes()
        .forEach((key, value) -> {
          String text = value.toString();
          boolean isKept = KEPT.contains(key.getKey()) || key.getKey().startsWith(SQL);
          if (isKept && !text.equals(KeyValue.NONE_VALUE)) {
            attributes.put(
                texts.share(key.getKey()),
                key.getType() == AttributeType.STRING ? texts.share(text) : text);
          }
        });
    boolean isRequest = data.getKind() == SpanKind.SERVER && attributes.containsKey(ROUTE);
    // The original name has the method as the caller wrote it
    String name =
        texts.share(
            isRequest ? attributes.get(METHOD) + " " + attributes.get(ROUTE) : data.getName());
    String error = error(data);
    List<String> links =
        data.getLinks().stream().map(link -> link.getSpanContext().getTraceId()).toList();
    long bytes = SIZE + SIZE_OF_LINK * links.size() + texts.cost(name);
    for (String value : attributes.values()) {
      bytes += SIZE_OF_ATTRIBUTE + texts.cost(value);
    }
    return new KeptSpan(
        data.getTraceId(),
        data.getSpanId(),
        parent.isValid() ? parent.getSpanId() : null,
        !parent.isValid() || parent.isRemote(),
        isRequest,
        name,
        TimeUnit.NANOSECONDS.toMicros(data.getStartEpochNanos()),
        TimeUnit.NANOSECONDS.toMicros(data.getEndEpochNanos()),
        error == null ? null : texts.share(error),
        Map.copyOf(attributes),
        links,
        bytes);
  }

  private static @Nullable String error(SpanData data) {
    if (data.getStatus().getStatusCode() != StatusCode.ERROR) {
      return null;
    }
    return data.getEvents().stream()
        .map(event -> event.getAttributes().get(EXCEPTION))
        .filter(Objects::nonNull)
        .findFirst()
        .orElse("error");
  }

  long duration() {
    return endedAt - startedAt;
  }

  /** Whether the request was answered with 5xx. */
  boolean isFailedRequest() {
    return isRequest && status() >= 500;
  }

  /** The request's HTTP status; 0 if it got no answer. */
  int status() {
    String status = attributes.getOrDefault(STATUS, "");
    return status.matches("\\d+") ? Integer.parseInt(status) : 0;
  }

  /** Whether the request's duration says how fast we are; that of a stream is its listener's. */
  boolean isTimed() {
    return isRequest && !attributes.containsKey(STREAM);
  }
}
