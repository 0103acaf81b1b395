package dev.evenkeel.observability;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.logs.SdkLoggerProvider;
import io.opentelemetry.sdk.logs.data.LogRecordData;
import io.opentelemetry.sdk.logs.export.SimpleLogRecordProcessor;
import io.opentelemetry.sdk.testing.exporter.InMemoryLogRecordExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** The log goes to an OpenTelemetry endpoint, too, if one is configured. */
class LogExportTests {

  private static final Logger log = LoggerFactory.getLogger(LogExportTests.class);

  final InMemoryLogRecordExporter exporter = InMemoryLogRecordExporter.create();
  final OpenTelemetry openTelemetry =
      OpenTelemetrySdk.builder()
          .setTracerProvider(SdkTracerProvider.builder().build())
          .setLoggerProvider(
              SdkLoggerProvider.builder()
                  .addLogRecordProcessor(SimpleLogRecordProcessor.create(exporter))
                  .build())
          .build();
  final ApplicationContextRunner application =
      new ApplicationContextRunner()
          .withInitializer(
              it -> it.getBeanFactory().registerSingleton("openTelemetry", openTelemetry))
          .withUserConfiguration(LogExport.class);

  private List<LogRecordData> exported() {
    return exporter.getFinishedLogRecordItems().stream()
        .filter(line -> line.getInstrumentationScopeInfo().getName().endsWith("LogExportTests"))
        .toList();
  }

  @Test
  void exportsEachLineWithItsTrace() {
    Span span = openTelemetry.getTracer("tests").spanBuilder("request").startSpan();
    application
        .withPropertyValues(
            "management.opentelemetry.logging.export.otlp.endpoint=http://127.0.0.1:9")
        .run(_ -> {
          try (Scope _ = span.makeCurrent()) {
            log.warn("Payment {} waits", 1);
          }
        });
    log.warn("The application has ended");

    assertThat(exported())
        .singleElement()
        .satisfies(line -> {
          assertThat(String.valueOf(line.getBodyValue())).contains("Payment 1 waits");
          assertThat(line.getSpanContext().getTraceId())
              .isEqualTo(span.getSpanContext().getTraceId());
        });
  }

  @Test
  void exportsNothingWithoutAnEndpoint() {
    application.run(_ -> log.warn("Payment {} waits", 1));

    assertThat(exported()).isEmpty();
  }
}
