package dev.evenkeel.observability.traces;

import static org.springframework.http.MediaType.APPLICATION_JSON_VALUE;

import dev.evenkeel.http.RequiresScope;
import dev.evenkeel.observability.traces.KeptTraces.KeptRequest;
import dev.evenkeel.problems.ProblemException;
import io.swagger.v3.oas.annotations.Operation;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The requests and traces that this instance keeps, for operators. */
@RestController
@RequestMapping(path = "/v1/operations", produces = APPLICATION_JSON_VALUE)
@RequiresScope(read = "operations", write = "operations")
class TraceOperationsController {

  private final KeptTraces traces;

  TraceOperationsController(KeptTraces traces) {
    this.traces = traces;
  }

  record TracedRequests(List<TracedRequest> data) {}

  /**
   * @param route the path's template, or a word such as {@code UNKNOWN} if the request was refused
   *     before its route was found: the same as the tag {@code uri} of the metrics
   * @param durationMs in milliseconds; the parts add up to it
   */
  record TracedRequest(
      String traceId,
      String method,
      String route,
      int status,
      Instant at,
      double durationMs,
      RequestParts parts) {

    static TracedRequest of(KeptRequest request) {
      KeptSpan span = request.span();
      return new TracedRequest(
          span.traceId(),
          attribute(span, KeptSpan.METHOD),
          attribute(span, KeptSpan.ROUTE),
          span.status(),
          span.start(),
          RequestParts.milliseconds(span.duration()),
          request.parts());
    }

    private static String attribute(KeptSpan span, String name) {
      return Objects.requireNonNull(span.attribute(name), name);
    }
  }

  record Trace(String traceId, List<TraceSpan> spans, List<String> links) {}

  record TraceSpan(
      String id,
      @Nullable String parent,
      String name,
      Instant startedAt,
      double durationMs,
      @Nullable String error,
      Map<String, String> attributes) {

    static TraceSpan of(KeptSpan span) {
      return new TraceSpan(
          span.id(),
          span.parent(),
          span.name(),
          span.start(),
          RequestParts.milliseconds(span.duration()),
          span.error(),
          span.attributesByName());
    }
  }

  /**
   * The failed requests before the slow ones: whoever is on call looks for the former first, and
   * many slow ones must not hide them.
   */
  @Operation(
      description =
          "The requests of the last 15 minutes on this instance: first up to 50 that were answered"
              + " with 5xx, the latest first, then the up to 50 slowest others, the slowest first."
              + " Streams, the console's pages and requests for which no route was found are left out unless they failed. Times are in milliseconds; parts add up to the duration.")
  @GetMapping("/requests")
  TracedRequests requests() {
    return new TracedRequests(traces.requests().stream().map(TracedRequest::of).toList());
  }

  @Operation(
      description =
          "What this instance keeps of a trace of the last 15 minutes, its spans in the order in"
              + " which they ended. Links are the traces that its spans refer to, such as that of"
              + " a transfer's batch.")
  @GetMapping("/traces/{traceId}")
  Trace trace(@PathVariable String traceId) {
    List<KeptSpan> spans = traces.spans(traceId);
    if (spans.isEmpty()) {
      throw ProblemException.notFound();
    }
    return new Trace(
        traceId,
        spans.stream().map(TraceSpan::of).toList(),
        spans.stream().flatMap(span -> span.links().stream()).distinct().toList());
  }
}
