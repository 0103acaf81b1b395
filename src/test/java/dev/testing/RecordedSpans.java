package dev.testing;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;

/** Keeps each span that ends. */
@TestConfiguration(proxyBeanMethods = false)
public class RecordedSpans {

  /** No bean: Boot would export each span to it once more. */
  public static final InMemorySpanExporter SPANS = InMemorySpanExporter.create();

  @Bean
  SpanProcessor toMemory() {
    return SimpleSpanProcessor.create(new ToMemory());
  }

  /** Goes on after an application has ended: the next one in this JVM records here, too. */
  private static final class ToMemory implements SpanExporter {

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
      return SPANS.export(spans);
    }

    @Override
    public CompletableResultCode flush() {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }
  }
}
