package dev.evenkeel.console;

import static java.util.Comparator.comparingLong;

import dev.evenkeel.observability.traces.KeptSpan;
import dev.evenkeel.observability.traces.RequestParts.Part;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A trace for the eye: its spans as rows, each below its parent, with bars on a common axis. What
 * begins much later, such as another attempt at a webhook, is beyond the axis.
 *
 * @param rows the first ones, each parent before its children, and those by their start
 * @param more how many spans have no row
 * @param duration of the axis, in microseconds
 * @param links the first traces that its spans refer to
 * @param moreLinks how many others they refer to
 */
record Waterfall(List<Row> rows, int more, long duration, List<Link> links, int moreLinks) {

  static final int MAX_ROWS = 200;
  static final int MAX_LINKS = 20;

  /** So deep a row is indented; deeper ones stay in line with it. */
  private static final int MAX_INDENT = 8;

  /** How much longer than its first span a trace is drawn. */
  private static final int MAX_STRETCH = 20;

  /** In percent of the axis: a bar that can be seen. */
  private static final double MIN_WIDTH = 0.4;

  /**
   * A span.
   *
   * @param indent 0 for a span without a parent in the trace
   * @param offset from the start of the trace, in microseconds
   * @param x where its bar begins, in percent of the axis
   * @param width of its bar, likewise; 0 if it begins after the end of the axis
   */
  record Row(KeptSpan span, int indent, long offset, double x, double width) {

    public boolean isLater() {
      return width == 0;
    }

    public Part part() {
      return Part.of(span);
    }
  }

  /** A span of this name refers to another trace. */
  record Link(String name, String traceId) {}

  private record Node(KeptSpan span, int depth) {}

  static Waterfall of(List<KeptSpan> trace) {
    long start = trace.stream().mapToLong(KeptSpan::startedAt).min().orElse(0);
    long first =
        trace.stream().min(comparingLong(KeptSpan::startedAt)).map(KeptSpan::duration).orElse(0L);
    long end =
        trace.stream()
            .filter(span -> span.startedAt() - start <= MAX_STRETCH * first)
            .mapToLong(KeptSpan::endedAt)
            .max()
            .orElse(start);
    List<Link> links =
        trace.stream()
            .flatMap(span -> span.links().stream().map(link -> new Link(span.name(), link)))
            .distinct()
            .toList();
    return new Waterfall(
        tree(trace).stream().map(node -> row(node, start, end - start)).toList(),
        Math.max(0, trace.size() - MAX_ROWS),
        end - start,
        links.stream().limit(MAX_LINKS).toList(),
        Math.max(0, links.size() - MAX_LINKS));
  }

  /** The first spans, depth first. A span whose parent is not here is at the top. */
  private static List<Node> tree(List<KeptSpan> trace) {
    Set<String> ids = trace.stream().map(KeptSpan::id).collect(Collectors.toSet());
    List<KeptSpan> tops = new ArrayList<>();
    Map<String, List<KeptSpan>> children = new HashMap<>();
    for (KeptSpan span : trace.stream().sorted(comparingLong(KeptSpan::startedAt)).toList()) {
      String parent = span.parent();
      boolean isTop = parent == null || !ids.contains(parent);
      (isTop ? tops : children.computeIfAbsent(parent, _ -> new ArrayList<>())).add(span);
    }
    Deque<Node> open = new ArrayDeque<>();
    tops.reversed().forEach(span -> open.push(new Node(span, 0)));
    List<Node> found = new ArrayList<>();
    while (!open.isEmpty() && found.size() < MAX_ROWS) {
      Node node = open.pop();
      found.add(node);
      children
          .getOrDefault(node.span().id(), List.of())
          .reversed()
          .forEach(child -> open.push(new Node(child, node.depth() + 1)));
    }
    return found;
  }

  private static Row row(Node node, long start, long duration) {
    KeptSpan span = node.span();
    long offset = span.startedAt() - start;
    if (offset > duration) {
      return new Row(span, Math.min(node.depth(), MAX_INDENT), offset, 100, 0);
    }
    double width = Math.min(100, Math.max(MIN_WIDTH, percent(span.duration(), duration)));
    double x = Math.min(percent(offset, duration), 100 - width);
    return new Row(span, Math.min(node.depth(), MAX_INDENT), offset, x, width);
  }

  private static double percent(long part, long whole) {
    return whole == 0 ? 100 : Math.round(10_000.0 * part / whole) / 100.0;
  }
}
