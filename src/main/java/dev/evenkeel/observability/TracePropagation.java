package dev.evenkeel.observability;

import static java.util.stream.Collectors.toSet;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.ReceiverContext;
import io.micrometer.tracing.TraceContext;
import io.micrometer.tracing.Tracer;
import io.opentelemetry.api.trace.Span;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Continues the trace of a request in the work that it causes later, on another thread or after a
 * restart. Rows and events store its {@code traceparent} (W3C Trace Context).
 */
@Component
public class TracePropagation {

  private static final String TRACEPARENT = "traceparent";

  private final Tracer tracer;
  private final ObservationRegistry observations;

  TracePropagation(Tracer tracer, ObservationRegistry observations) {
    this.tracer = tracer;
    this.observations = observations;
  }

  /** The current trace, to be stored with later work; null without one. */
  public @Nullable String traceparent() {
    TraceContext context = tracer.currentTraceContext().context();
    if (context == null) {
      return null;
    }
    String flags = Boolean.TRUE.equals(context.sampled()) ? "01" : "00";
    return "00-" + context.traceId() + "-" + context.spanId() + "-" + flags;
  }

  /** Returns the trace if it is sampled, else null: for rows that should stay small. */
  public static @Nullable String ifSampled(@Nullable String traceparent) {
    return traceparent != null && traceparent.endsWith("-01") ? traceparent : null;
  }

  /** Runs the work in a span of this name, which continues the stored trace or begins a new one. */
  public void run(String name, @Nullable String traceparent, Runnable work) {
    continuing(name, traceparent).observe(work);
  }

  /** As {@link #run}, for work with a result. */
  public <T> T call(String name, @Nullable String traceparent, Supplier<T> work) {
    return continuing(name, traceparent).observe(work);
  }

  private Observation continuing(String name, @Nullable String traceparent) {
    ReceiverContext<Map<String, String>> context =
        new ReceiverContext<>((carrier, key) -> carrier.get(key), Kind.CONSUMER);
    context.setCarrier(traceparent == null ? Map.of() : Map.of(TRACEPARENT, traceparent));
    return Observation.createNotStarted(name, () -> context, observations);
  }

  /**
   * Runs work for several requests at once, in a span of this name in a trace of its own. The trace
   * of each request gets a span of this name, too. The spans are linked both ways.
   *
   * @param traceparents the requests' stored traces; null for one without
   */
  public void runTogether(String name, Collection<@Nullable String> traceparents, Runnable work) {
    Observation.createNotStarted(name, observations)
        .observe(() -> {
          Span shared = Span.current();
          for (String traceparent :
              traceparents.stream().filter(Objects::nonNull).collect(toSet())) {
            run(
                name,
                traceparent,
                () -> {
                  shared.addLink(Span.current().getSpanContext());
                  Span.current().addLink(shared.getSpanContext());
                });
          }
          work.run();
        });
  }
}
