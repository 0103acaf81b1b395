package dev.testing;

import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;

/** Keeps each span that ends. */
@TestConfiguration(proxyBeanMethods = false)
public class RecordedSpans {

  /** No bean: Boot would export each span to it once more. */
  public static final InMemorySpanExporter SPANS = InMemorySpanExporter.create();

  @Bean
  SpanProcessor toMemory() {
    return SimpleSpanProcessor.create(SPANS);
  }
}
