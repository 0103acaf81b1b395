package dev.evenkeel.observability;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.instrumentation.logback.appender.v1_0.OpenTelemetryAppender;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.stereotype.Component;

/** Exports the log as well, if there is an endpoint for it. Each line carries its trace. */
@Component
@ConditionalOnProperty("management.opentelemetry.logging.export.otlp.endpoint")
class LogExport implements AutoCloseable {

  private final OpenTelemetryAppender appender = new OpenTelemetryAppender();
  private final Logger root;

  LogExport(OpenTelemetry openTelemetry) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    appender.setContext(context);
    appender.setOpenTelemetry(openTelemetry);
    appender.start();
    root.addAppender(appender);
  }

  @Override
  public void close() {
    root.detachAppender(appender);
    appender.stop();
  }
}
