package dev.evenkeel.observability.traces;

import io.micrometer.common.KeyValue;
import io.micrometer.observation.ObservationFilter;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import jakarta.servlet.http.HttpServletResponse;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.micrometer.tracing.opentelemetry.autoconfigure.SdkTracerProviderBuilderCustomizer;
import org.springframework.boot.micrometer.tracing.opentelemetry.autoconfigure.SpanExporters;
import org.springframework.boot.micrometer.tracing.opentelemetry.autoconfigure.SpanProcessors;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.MediaType;
import org.springframework.http.server.observation.ServerRequestObservationContext;
import org.springframework.util.unit.DataSize;

@Configuration(proxyBeanMethods = false)
class KeptTracesConfiguration {

  @Bean
  KeptTraces keptTraces(@Value("${evenkeel.trace-memory}") DataSize memory) {
    return new KeptTraces(InstantSource.system(), memory.toBytes());
  }

  /** Without an exporter no span is queued for export. */
  @Bean
  SpanProcessors spanProcessors(ObjectProvider<SpanProcessor> all, SpanExporters exporters) {
    boolean isExported = !exporters.list().isEmpty();
    return SpanProcessors.of(
        all.orderedStream()
            .filter(processor -> isExported || !(processor instanceof BatchSpanProcessor))
            .toList());
  }

  @Bean
  SdkTracerProviderBuilderCustomizer recordEverySpan(Sampler exported) {
    return builder -> builder.setSampler(new RecordingSampler(exported));
  }

  /** Marks streams of events, which last as long as somebody listens. */
  @Bean
  ObservationFilter streamsInSpans() {
    return context ->
        context instanceof ServerRequestObservationContext request
                && isStream(request.getResponse())
            ? context.addHighCardinalityKeyValue(KeyValue.of(KeptSpan.STREAM, "true"))
            : context;
  }

  private static boolean isStream(@Nullable HttpServletResponse response) {
    String type = response == null ? null : response.getContentType();
    return type != null && type.startsWith(MediaType.TEXT_EVENT_STREAM_VALUE);
  }
}
