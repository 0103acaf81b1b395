package dev.evenkeel.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.evenkeel.observability.traces.KeptSpan;
import dev.evenkeel.observability.traces.KeptTraces.KeptRequest;
import dev.evenkeel.observability.traces.RequestParts;
import dev.evenkeel.observability.traces.RequestParts.Part;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequestBarTests {

  private static RequestBar bar(RequestParts parts) {
    KeptSpan span =
        new KeptSpan("trace", "id", null, true, true, "GET /", 0, 0, null, List.of(), List.of(), 0);
    return RequestBar.of(new KeptRequest(span, parts));
  }

  @Test
  void splitsTheBarAsTheTimeWas() {
    RequestBar bar = bar(new RequestParts(1, 2, 4, 1));

    assertThat(bar.segments())
        .extracting(
            RequestBar.Segment::part,
            RequestBar.Segment::duration,
            RequestBar.Segment::x,
            RequestBar.Segment::width)
        .containsExactly(
            tuple(Part.DATABASE, 1000L, 0.0, 12.5),
            tuple(Part.BATCH, 2000L, 12.5, 25.0),
            tuple(Part.PROVIDER, 4000L, 37.5, 50.0),
            tuple(Part.OTHER, 1000L, 87.5, 12.5));
    assertThat(bar.longest().part()).isEqualTo(Part.PROVIDER);
  }

  @Test
  void drawsARequestWithoutDuration() {
    assertThat(bar(new RequestParts(0, 0, 0, 0)).segments())
        .extracting(RequestBar.Segment::width)
        .containsOnly(0.0);
  }
}
