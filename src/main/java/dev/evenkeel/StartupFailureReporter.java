package dev.evenkeel;

import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalysisReporter;

/**
 * Logs why the application did not start, and what to do about it, in one line. Replaces Boot's own
 * reporter, whose logger application.yaml switches off.
 */
class StartupFailureReporter implements FailureAnalysisReporter {

  private static final Logger log = LoggerFactory.getLogger(StartupFailureReporter.class);

  @Override
  public void report(FailureAnalysis analysis) {
    String action = Objects.requireNonNullElse(analysis.getAction(), "");
    String line = (analysis.getDescription() + " " + action).replaceAll("\\s+", " ").strip();
    log.error("Evenkeel did not start: {}", line);
  }
}
