package dev.evenkeel;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.security.oauth2.jwt.JwtDecoder;

/** Explains a start that failed because no issuer of tokens is configured. */
@Order(Ordered.HIGHEST_PRECEDENCE)
class StartupIssuerFailureAnalyzer extends AbstractFailureAnalyzer<NoSuchBeanDefinitionException> {

  @Override
  protected @Nullable FailureAnalysis analyze(
      Throwable failure, NoSuchBeanDefinitionException missing) {
    return missing.getBeanType() == JwtDecoder.class
        ? new FailureAnalysis(
            "no token issuer is configured.",
            "Set spring.security.oauth2.resourceserver.jwt.issuer-uri (docs/running.md).",
            missing)
        : null;
  }
}
