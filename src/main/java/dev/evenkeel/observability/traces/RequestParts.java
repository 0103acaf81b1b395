package dev.evenkeel.observability.traces;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What a request spent its time on, in milliseconds. The parts add up to its duration: where spans
 * overlap, the time counts as the provider's first, then as the batch's, then as the database's.
 *
 * @param database waiting for a connection or holding one
 * @param batch waiting for the batch of postings, which has a trace of its own
 * @param provider waiting for the payment provider
 */
public record RequestParts(double database, double batch, double provider, double other) {

  private static final Predicate<KeptSpan> PROVIDER = RequestParts::isProviderCall;
  private static final Predicate<KeptSpan> BATCH = span -> Part.of(span) == Part.BATCH;
  private static final Predicate<KeptSpan> DATABASE = span -> Part.of(span) == Part.DATABASE;

  /** The part that the time of a span counts as. */
  public enum Part {
    DATABASE,
    BATCH,
    PROVIDER,
    OTHER;

    public static Part of(KeptSpan span) {
      return switch (span.name()) {
        case "connection" -> DATABASE;
        case "ledger.post" -> BATCH;
        case String call when call.startsWith("provider.") -> PROVIDER;
        default -> span.isSql() ? DATABASE : OTHER;
      };
    }
  }

  static boolean isProviderCall(KeptSpan span) {
    return Part.of(span) == Part.PROVIDER;
  }

  /**
   * @param trace the trace's spans in the order in which they ended
   */
  static RequestParts of(KeptSpan request, List<KeptSpan> trace) {
    List<KeptSpan> spans = within(request, trace);
    long provider = covered(request, spans, PROVIDER);
    long waiting = covered(request, spans, PROVIDER.or(BATCH));
    long known = covered(request, spans, PROVIDER.or(BATCH).or(DATABASE));
    return new RequestParts(
        milliseconds(known - waiting),
        milliseconds(waiting - provider),
        milliseconds(provider),
        milliseconds(request.duration() - known));
  }

  /** The request's descendants by their start, without what went on in its trace later. */
  private static List<KeptSpan> within(KeptSpan request, List<KeptSpan> trace) {
    Set<String> parents = new HashSet<>(Set.of(request.id()));
    Deque<KeptSpan> found = new ArrayDeque<>();
    // Spans end after their children
    for (KeptSpan span : trace.reversed()) {
      if (!span.isRoot() && parents.contains(span.parent())) {
        parents.add(span.id());
        found.add(span);
      }
    }
    return found.stream().sorted(Comparator.comparingLong(KeptSpan::startedAt)).toList();
  }

  static double milliseconds(long micros) {
    return micros / 1000.0;
  }

  private static long covered(KeptSpan request, List<KeptSpan> spans, Predicate<KeptSpan> counts) {
    long covered = 0;
    long until = request.startedAt();
    for (KeptSpan span : spans) {
      long end = Math.min(span.endedAt(), request.endedAt());
      if (counts.test(span) && end > until) {
        covered += end - Math.max(span.startedAt(), until);
        until = end;
      }
    }
    return covered;
  }
}
