package dev.evenkeel.observability.traces;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SdkTracerProviderBuilder;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.boot.micrometer.tracing.opentelemetry.autoconfigure.SpanExporters;

/** All spans are kept; those that are sampled are exported, if there is an exporter. */
class KeptTracesConfigurationTests {

  final KeptTracesConfiguration configuration = new KeptTracesConfiguration();
  final InMemorySpanExporter exporter = InMemorySpanExporter.create();
  final KeptTraces kept = new KeptTraces(InstantSource.system(), 1_000_000);

  private List<SpanProcessor> processors(SpanExporter... exporters) {
    StaticListableBeanFactory beans = new StaticListableBeanFactory();
    beans.addBean("kept", kept);
    beans.addBean("batches", BatchSpanProcessor.builder(exporter).build());
    return configuration
        .spanProcessors(beans.getBeanProvider(SpanProcessor.class), SpanExporters.of(exporters))
        .list();
  }

  @Test
  void exportsWithAnExporter() {
    assertThat(processors(exporter)).hasSize(2);
  }

  @Test
  void exportsNothingWithoutAnExporter() {
    assertThat(processors()).containsExactly(kept);
  }

  private String trace(Sampler exported) {
    SdkTracerProviderBuilder builder =
        SdkTracerProvider.builder()
            .addSpanProcessor(kept)
            .addSpanProcessor(SimpleSpanProcessor.create(exporter));
    configuration.recordEverySpan(exported).customize(builder);
    var span = builder.build().get("tests").spanBuilder("span").startSpan();
    span.end();
    return span.getSpanContext().getTraceId();
  }

  @Test
  void keepsSpansThatAreNotExported() {
    assertThat(kept.spans(trace(Sampler.alwaysOff()))).hasSize(1);
    assertThat(exporter.getFinishedSpanItems()).isEmpty();
  }

  @Test
  void exportsTheSpansThatItKeeps() {
    String trace = trace(Sampler.alwaysOn());

    assertThat(kept.spans(trace)).hasSize(1);
    assertThat(exporter.getFinishedSpanItems())
        .singleElement()
        .satisfies(span -> assertThat(span.getTraceId()).isEqualTo(trace));
  }
}
