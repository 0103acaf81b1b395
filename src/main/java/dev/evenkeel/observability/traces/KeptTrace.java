package dev.evenkeel.observability.traces;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The spans of a trace. {@link KeptTraces} guards it. */
final class KeptTrace {

  /** A caller can use one trace for ever; of its spans only so many are kept, the last ones. */
  static final int MAX_SPANS = 1000;

  private static final long SIZE = 400;

  /** Why a trace is kept. */
  enum Rank {
    ORDINARY,
    /** Its root has not ended yet. */
    OPEN,
    PAYMENT,
    SLOW,
    FAILED
  }

  final String id;
  Rank rank = Rank.OPEN;

  private final Deque<KeptSpan> spans = new ArrayDeque<>(2);
  private long touchedAt;
  private long bytes = SIZE;
  private boolean hasProviderCall;

  /**
   * @param createdAt in microseconds since the epoch
   */
  KeptTrace(String id, long createdAt) {
    this.id = id;
    this.touchedAt = createdAt;
  }

  /** Returns by how much the trace has grown. */
  long add(KeptSpan span) {
    long before = bytes;
    spans.add(span);
    bytes += span.bytes();
    if (spans.size() > MAX_SPANS) {
      bytes -= spans.remove().bytes();
    }
    touchedAt = Math.max(touchedAt, span.endedAt());
    hasProviderCall |= RequestParts.isProviderCall(span);
    return bytes - before;
  }

  /** The spans in the order in which they ended. */
  List<KeptSpan> spans() {
    return List.copyOf(spans);
  }

  Set<String> links() {
    return spans.stream().flatMap(span -> span.links().stream()).collect(Collectors.toSet());
  }

  boolean hasProviderCall() {
    return hasProviderCall;
  }

  /** When its last span ended, in microseconds since the epoch. */
  long touchedAt() {
    return touchedAt;
  }

  /** An upper bound of the memory that it takes up. */
  long bytes() {
    return bytes;
  }
}
