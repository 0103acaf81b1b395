package dev.evenkeel.console;

import dev.evenkeel.observability.traces.KeptSpan;
import dev.evenkeel.observability.traces.KeptTraces.KeptRequest;
import dev.evenkeel.observability.traces.RequestParts;
import dev.evenkeel.observability.traces.RequestParts.Part;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A request, and a bar that is split as its time was. */
record RequestBar(KeptSpan span, List<Segment> segments) {

  /**
   * A part of the bar.
   *
   * @param duration in microseconds
   * @param x where it begins, in percent of the bar
   * @param width in percent of the bar
   */
  record Segment(Part part, long duration, double x, double width) {}

  static RequestBar of(KeptRequest request) {
    RequestParts parts = request.parts();
    double whole = parts.database() + parts.batch() + parts.provider() + parts.other();
    List<Segment> segments = new ArrayList<>();
    double x = 0;
    for (Part part : Part.values()) {
      double millis =
          switch (part) {
            case DATABASE -> parts.database();
            case BATCH -> parts.batch();
            case PROVIDER -> parts.provider();
            case OTHER -> parts.other();
          };
      double width = whole == 0 ? 0 : Math.round(10_000 * millis / whole) / 100.0;
      segments.add(new Segment(part, Math.round(millis * 1000), x, width));
      x += width;
    }
    return new RequestBar(request.span(), segments);
  }

  public boolean isFailed() {
    return span.isFailedRequest();
  }

  /** The part that took the longest. */
  public Segment longest() {
    return segments.stream().max(Comparator.comparingLong(Segment::duration)).orElseThrow();
  }
}
