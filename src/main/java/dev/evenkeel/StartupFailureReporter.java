package dev.evenkeel;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalysisReporter;

/**
 * What is wrong and what to do, in one line where the analysis has one. Takes the place of Boot's
 * own reporter, whose logger application.yaml switches off.
 */
class StartupFailureReporter implements FailureAnalysisReporter {

  private static final Logger log = LoggerFactory.getLogger(StartupFailureReporter.class);

  @Override
  public void report(FailureAnalysis analysis) {
    var action = analysis.getAction();
    log.error(
        "Evenkeel did not start: {}{}",
        String.valueOf(analysis.getDescription()).strip(),
        action == null ? "" : " " + action.strip());
  }
}
