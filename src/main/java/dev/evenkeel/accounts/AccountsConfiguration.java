package dev.evenkeel.accounts;

import dev.evenkeel.platform.ConnectionUse;
import dev.evenkeel.platform.ProblemCatalog;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({AccountsSettings.class, LedgerSettings.class})
class AccountsConfiguration {

  @Bean
  ProblemCatalog ledgerProblems() {
    return ProblemCatalog.of(LedgerProblem.values());
  }

  @Bean
  ConnectionUse groupCommitsConnections() {
    return new ConnectionUse("group commit's two lanes", 2);
  }
}
