package dev.evenkeel.observability.traces;

import static java.util.Comparator.comparingLong;

import dev.evenkeel.observability.traces.KeptTrace.Rank;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.stream.Stream;

/**
 * Keeps the traces of the last 15 minutes in bounded memory.
 *
 * <p>Once the memory is full, ordinary traces are dropped, the oldest first. Slow and failed
 * requests, payments and unfinished traces follow only when no ordinary trace is left: the oldest
 * of those that take up the most, so that many of one kind do not drive out the others. A trace
 * that one of these links to, such as the batch of a transfer, is kept with it.
 */
public final class KeptTraces implements SpanProcessor {

  static final Duration KEPT_FOR = Duration.ofMinutes(15);

  /** How many failed requests are listed, and how many slow ones. */
  static final int LISTED = 50;

  private static final long KEPT_MICROS = KEPT_FOR.toNanos() / 1000;

  private final InstantSource clock;
  private final long limit;
  private final SharedTexts texts;
  private final SlowestOfAMinute slowest = new SlowestOfAMinute(LISTED);
  private final Map<String, KeptTrace> traces = new HashMap<>();
  private final List<Shelf> shelves = Arrays.stream(Rank.values()).map(_ -> new Shelf()).toList();

  /** The traces of one rank, in the order in which they were put there. */
  private static final class Shelf {
    final SequencedSet<KeptTrace> traces = new LinkedHashSet<>();
    long bytes;
  }

  /** A request and how long its parts took. */
  public record KeptRequest(KeptSpan span, RequestParts parts) {}

  /**
   * @param limit in bytes; 0 keeps nothing
   */
  KeptTraces(InstantSource clock, long limit) {
    this.clock = clock;
    this.limit = limit;
    this.texts = new SharedTexts(limit / 16);
  }

  @Override
  public boolean isStartRequired() {
    return false;
  }

  @Override
  public void onStart(Context parent, ReadWriteSpan span) {}

  @Override
  public boolean isEndRequired() {
    return limit > 0;
  }

  @Override
  public void onEnd(ReadableSpan span) {
    add(KeptSpan.of(span, texts));
  }

  private synchronized void add(KeptSpan span) {
    KeptTrace trace = trace(span.traceId(), span.endedAt());
    shelf(trace).bytes += trace.add(span);
    if (span.isRoot()) {
      rank(trace, span);
      dropThoseBefore(span.endedAt() - KEPT_MICROS);
    }
    while (bytes() > limit && !traces.isEmpty()) {
      drop(leastWanted().traces.getFirst());
    }
  }

  private KeptTrace trace(String id, long at) {
    KeptTrace trace = traces.get(id);
    if (trace == null) {
      trace = new KeptTrace(id, at);
      traces.put(id, trace);
      put(trace);
    }
    return trace;
  }

  /** Ranks a trace whose root has ended; it never loses a rank above {@link Rank#OPEN}. */
  private void rank(KeptTrace trace, KeptSpan root) {
    Rank earned = earned(trace, root);
    move(trace, trace.rank.compareTo(Rank.OPEN) > 0 ? max(trace.rank, earned) : earned);
    if (trace.rank.compareTo(Rank.OPEN) > 0) {
      for (String link : trace.links()) {
        KeptTrace linked = trace(link, root.endedAt());
        move(linked, max(linked.rank, trace.rank));
      }
    }
  }

  private Rank earned(KeptTrace trace, KeptSpan root) {
    if (root.isRequest() ? root.isFailedRequest() : root.error() != null) {
      return Rank.FAILED;
    }
    if (root.isTimed() && slowest.add(root)) {
      return Rank.SLOW;
    }
    return trace.hasProviderCall() ? Rank.PAYMENT : Rank.ORDINARY;
  }

  private static Rank max(Rank one, Rank other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  private Shelf leastWanted() {
    Shelf ordinary = shelves.getFirst();
    return ordinary.traces.isEmpty()
        ? shelves.stream().max(comparingLong(shelf -> shelf.bytes)).orElseThrow()
        : ordinary;
  }

  private void dropThoseBefore(long time) {
    for (Shelf shelf : shelves) {
      while (!shelf.traces.isEmpty() && shelf.traces.getFirst().touchedAt() < time) {
        drop(shelf.traces.getFirst());
      }
    }
  }

  private void drop(KeptTrace trace) {
    take(trace);
    traces.remove(trace.id);
  }

  private void move(KeptTrace trace, Rank rank) {
    take(trace);
    trace.rank = rank;
    put(trace);
  }

  private void take(KeptTrace trace) {
    shelf(trace).traces.remove(trace);
    shelf(trace).bytes -= trace.bytes();
  }

  private void put(KeptTrace trace) {
    shelf(trace).traces.add(trace);
    shelf(trace).bytes += trace.bytes();
  }

  private Shelf shelf(KeptTrace trace) {
    return shelves.get(trace.rank.ordinal());
  }

  /** An upper bound of the memory in use. */
  synchronized long bytes() {
    long bytes = texts.bytes();
    for (Shelf shelf : shelves) {
      bytes += shelf.bytes;
    }
    return bytes;
  }

  /** The spans of a trace in the order in which they ended; none if the trace is not kept. */
  public synchronized List<KeptSpan> spans(String traceId) {
    long since = since();
    KeptTrace trace = traces.get(traceId);
    return trace == null
        ? List.of()
        : trace.spans().stream().filter(span -> span.endedAt() >= since).toList();
  }

  /**
   * The up to 50 latest failed requests, the last one first, and then the up to 50 slowest others,
   * the slowest first. Of streams, the console's own pages and requests without a route, only the
   * failed ones are listed.
   */
  public List<KeptRequest> requests() {
    List<KeptSpan> requests = slowAndFailed();
    Stream<KeptSpan> failed =
        requests.stream()
            .filter(KeptSpan::isFailedRequest)
            .sorted(comparingLong(KeptSpan::endedAt).reversed())
            .limit(LISTED);
    Stream<KeptSpan> slow =
        requests.stream()
            .filter(request -> request.isTimed() && !request.isFailedRequest())
            .sorted(comparingLong(KeptSpan::duration).reversed())
            .limit(LISTED);
    return Stream.concat(failed, slow).flatMap(this::inParts).toList();
  }

  /** None if the trace has been dropped meanwhile. */
  private Stream<KeptRequest> inParts(KeptSpan request) {
    List<KeptSpan> trace = spans(request.traceId());
    return trace.isEmpty()
        ? Stream.empty()
        : Stream.of(new KeptRequest(request, RequestParts.of(request, trace)));
  }

  private synchronized List<KeptSpan> slowAndFailed() {
    long since = since();
    return Stream.of(Rank.SLOW, Rank.FAILED)
        .flatMap(rank -> shelves.get(rank.ordinal()).traces.stream())
        .flatMap(trace -> trace.spans().stream())
        .filter(span -> span.isRequest() && span.endedAt() >= since)
        .toList();
  }

  private long since() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant()) - KEPT_MICROS;
  }
}
