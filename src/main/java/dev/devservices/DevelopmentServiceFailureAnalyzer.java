package dev.devservices;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** Before Boot's own analyzers: several of them also see the exceptions around this one. */
@Order(Ordered.HIGHEST_PRECEDENCE)
class DevelopmentServiceFailureAnalyzer
    extends AbstractFailureAnalyzer<DevelopmentServiceException> {

  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, DevelopmentServiceException cause) {
    return new FailureAnalysis(String.valueOf(cause.getMessage()), cause.action, cause);
  }
}
