package dev.evenkeel.observability.traces;

import io.micrometer.common.KeyValue;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The kept part of a span. Callers can write into the path of a request, and exceptions have texts
 * of others, so only the attributes that are named here are kept, and only the class of an error.
 *
 * @param parent the id of the span that it is a part of, which may be another system's
 * @param isRoot whether it is the first span of its trace, or of what this instance does in it
 * @param isRequest whether it is a request to the API or to the console; its name is then the
 *     method and the route
 * @param startedAt in microseconds since the epoch, as {@code endedAt}
 * @param error the class of what went wrong, if something did
 * @param attributes names and values in turn: a map would take up twice as much
 * @param links the traces that it refers to, such as that of a transfer's batch
 * @param bytes an upper bound of the memory that it takes up
 */
public record KeptSpan(
    String traceId,
    String id,
    @Nullable String parent,
    boolean isRoot,
    boolean isRequest,
    String name,
    long startedAt,
    long endedAt,
    @Nullable String error,
    List<String> attributes,
    List<String> links,
    long bytes) {

  static final String METHOD = "method";
  static final String ROUTE = "uri";
  static final String STATUS = "status";
  static final String STREAM = "stream";

  /** The routes of requests that were answered before a controller was found. */
  private static final Set<String> NO_ENDPOINT = Set.of("REDIRECTION", "UNKNOWN", "NOT_FOUND");

  private static final Set<String> KEPT =
      Set.of(METHOD, ROUTE, STATUS, STREAM, "exception", "batch.size", "queued.us", "attempt");
  private static final String SQL = "jdbc.query[";
  private static final String FIRST_SQL = SQL + "0]";

  private static final AttributeKey<String> EXCEPTION = AttributeKey.stringKey("exception.type");

  private static final long SIZE = 350;
  private static final long SIZE_OF_LINK = 120;

  static KeptSpan of(ReadableSpan span, SharedTexts texts) {
    SpanData data = span.toSpanData();
    SpanContext parent = data.getParentSpanContext();
    List<String> attributes = new ArrayList<>();
    data.getAttributes().forEach((key, value) -> keep(attributes, key, value, texts));
    String route = attribute(attributes, ROUTE);
    boolean isRequest = data.getKind() == SpanKind.SERVER && route != null;
    // The original name has the method as the caller wrote it
    String name =
        texts.share(isRequest ? attribute(attributes, METHOD) + " " + route : data.getName());
    String error = error(data);
    List<String> links =
        data.getLinks().isEmpty()
            ? List.of()
            : data.getLinks().stream().map(link -> link.getSpanContext().getTraceId()).toList();
    long bytes = SIZE + SIZE_OF_LINK * links.size() + texts.cost(name);
    for (String text : attributes) {
      bytes += texts.cost(text);
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
        List.copyOf(attributes),
        links,
        bytes);
  }

  private static void keep(
      List<String> attributes, AttributeKey<?> key, Object value, SharedTexts texts) {
    boolean isKept = KEPT.contains(key.getKey()) || key.getKey().startsWith(SQL);
    if (isKept && !value.equals(KeyValue.NONE_VALUE)) {
      attributes.add(texts.share(key.getKey()));
      attributes.add(value instanceof String text ? texts.share(text) : value.toString());
    }
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

  /** The attributes by name, in alphabetical order. */
  public SortedMap<String, String> attributesByName() {
    SortedMap<String, String> byName = new TreeMap<>();
    for (int i = 0; i < attributes.size(); i += 2) {
      byName.put(attributes.get(i), attributes.get(i + 1));
    }
    return byName;
  }

  @Nullable String attribute(String name) {
    return attribute(attributes, name);
  }

  private static @Nullable String attribute(List<String> attributes, String name) {
    for (int i = 0; i < attributes.size(); i += 2) {
      if (attributes.get(i).equals(name)) {
        return attributes.get(i + 1);
      }
    }
    return null;
  }

  /** When it began. */
  public Instant start() {
    return Instant.EPOCH.plus(startedAt, ChronoUnit.MICROS);
  }

  /** How long it took, in microseconds. */
  public long duration() {
    return endedAt - startedAt;
  }

  /** Whether it is a statement. */
  public boolean isSql() {
    return attribute(FIRST_SQL) != null;
  }

  /** Whether the request was answered with 5xx. */
  public boolean isFailedRequest() {
    return isRequest && status() >= 500;
  }

  /** The request's HTTP status; 0 if it got no answer. */
  public int status() {
    String status = attribute(STATUS);
    return status != null && status.matches("\\d+") ? Integer.parseInt(status) : 0;
  }

  /**
   * Whether the request's duration tells operators something: that of a stream is its listener's,
   * the console's pages, with the redirects to its login, are those that they look at themselves,
   * and a request without a route is for no endpoint of ours.
   */
  boolean isTimed() {
    String route = attribute(ROUTE);
    return isRequest
        && attribute(STREAM) == null
        && !(route != null
            && (NO_ENDPOINT.contains(route) || (route + "/").startsWith("/console/")));
  }
}
