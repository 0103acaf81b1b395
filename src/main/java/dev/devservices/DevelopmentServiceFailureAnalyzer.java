package dev.devservices;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Explains a start that failed because of a development service. Runs before Boot's own analyzers,
 * since some of them match the exceptions that wrap this one.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
class DevelopmentServiceFailureAnalyzer
    extends AbstractFailureAnalyzer<DevelopmentServiceException> {

  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, DevelopmentServiceException cause) {
    return new FailureAnalysis(String.valueOf(cause.getMessage()), cause.action, cause);
  }
}
