package dev.evenkeel.payments;

import dev.evenkeel.payments.provider.ProviderSettingsException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Explains a start that failed because of the payment provider's settings. */
class ProviderSettingsFailureAnalyzer extends AbstractFailureAnalyzer<ProviderSettingsException> {

  @Override
  protected FailureAnalysis analyze(Throwable failure, ProviderSettingsException wrong) {
    return new FailureAnalysis(String.valueOf(wrong.getMessage()), wrong.action(), wrong);
  }
}
