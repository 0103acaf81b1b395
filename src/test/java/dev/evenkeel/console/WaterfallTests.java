package dev.evenkeel.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import dev.evenkeel.observability.traces.KeptSpan;
import dev.evenkeel.observability.traces.RequestParts.Part;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WaterfallTests {

  private static KeptSpan span(
      String id, @Nullable String parent, String name, long start, long end, String... links) {
    List<String> attributes = id.equals("query") ? List.of("jdbc.query[0]", name) : List.of();
    return new KeptSpan(
        "trace", id, parent, false, false, name, start, end, null, attributes, List.of(links), 0);
  }

  /** In the order in which they ended. */
  private static final List<KeptSpan> PAYMENT =
      List.of(
          span("query", "connection", "select payments.payment", 1_200, 1_900),
          span("connection", "request", "connection", 1_100, 2_000),
          span("charge", "request", "provider.charge", 3_000, 9_000),
          span("request", "caller", "POST /v1/payments", 1_000, 11_000),
          span("notified", "request", "told", 15_000, 21_000));

  @Test
  void putsSpansBelowTheirParentsByTheirStart() {
    assertThat(Waterfall.of(PAYMENT).rows())
        .extracting(row -> row.span().id(), Waterfall.Row::indent, Waterfall.Row::part)
        .containsExactly(
            tuple("request", 0, Part.OTHER),
            tuple("connection", 1, Part.DATABASE),
            tuple("query", 2, Part.DATABASE),
            tuple("charge", 1, Part.PROVIDER),
            tuple("notified", 1, Part.OTHER));
  }

  @Test
  void drawsBarsOnACommonAxis() {
    Waterfall waterfall = Waterfall.of(PAYMENT);

    assertThat(waterfall.duration()).isEqualTo(20_000);
    assertThat(waterfall.rows())
        .extracting(Waterfall.Row::offset, Waterfall.Row::x, Waterfall.Row::width)
        .contains(tuple(0L, 0.0, 50.0), tuple(2_000L, 10.0, 30.0), tuple(14_000L, 70.0, 30.0));
  }

  @Test
  void leavesTheAxisToWhatBeginsInTime() {
    Waterfall waterfall =
        Waterfall.of(
            List.of(
                span("request", null, "request", 0, 100),
                span("first", "request", "webhooks.attempt", 2_000, 2_500),
                span("second", "request", "webhooks.attempt", 2_600, 2_700)));

    assertThat(waterfall.duration()).isEqualTo(2_500);
    assertThat(waterfall.rows())
        .extracting(row -> row.span().id(), Waterfall.Row::isLater, Waterfall.Row::offset)
        .containsExactly(
            tuple("request", false, 0L),
            tuple("first", false, 2_000L),
            tuple("second", true, 2_600L));
  }

  @Test
  void drawsShortSpansWithinTheAxis() {
    Waterfall waterfall =
        Waterfall.of(
            List.of(
                span("long", null, "long", 0, 1_000_000),
                span("short", "long", "short", 1_000_000, 1_000_000)));

    Waterfall.Row last = waterfall.rows().getLast();
    assertThat(last.width()).isPositive();
    assertThat(last.x() + last.width()).isCloseTo(100, within(0.001));
  }

  @Test
  void drawsATraceWithoutDuration() {
    assertThat(Waterfall.of(List.of(span("one", null, "one", 5, 5))).rows())
        .extracting(Waterfall.Row::x, Waterfall.Row::width)
        .containsExactly(tuple(0.0, 100.0));
    assertThat(Waterfall.of(List.of()).rows()).isEmpty();
  }

  @Test
  void countsTheSpansBeyondTheLimit() {
    List<KeptSpan> many =
        IntStream.range(0, Waterfall.MAX_ROWS + 37)
            .mapToObj(i -> span("s" + i, i == 0 ? null : "s" + (i - 1), "nested", i, 1000))
            .toList();

    Waterfall waterfall = Waterfall.of(many);

    assertThat(waterfall.rows()).hasSize(Waterfall.MAX_ROWS);
    assertThat(waterfall.more()).isEqualTo(37);
    assertThat(waterfall.rows().getLast().indent()).isEqualTo(8);
  }

  @Test
  void listsTheFirstLinkedTracesOnce() {
    String[] traces =
        Stream.concat(Stream.of("t0"), IntStream.range(0, 23).mapToObj(i -> "t" + i))
            .toArray(String[]::new);

    Waterfall waterfall = Waterfall.of(List.of(span("post", null, "ledger.post", 0, 1, traces)));

    assertThat(waterfall.links()).hasSize(Waterfall.MAX_LINKS).doesNotHaveDuplicates();
    assertThat(waterfall.links().getFirst()).isEqualTo(new Waterfall.Link("ledger.post", "t0"));
    assertThat(waterfall.moreLinks()).isEqualTo(3);
  }
}
