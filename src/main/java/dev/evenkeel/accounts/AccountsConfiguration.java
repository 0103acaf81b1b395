package dev.evenkeel.accounts;

import dev.evenkeel.accounts.posting.LedgerSettings;
import dev.evenkeel.database.ConnectionBudget;
import dev.evenkeel.database.RetentionPolicy;
import dev.evenkeel.problems.ProblemCatalog;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({AccountsSettings.class, LedgerSettings.class})
class AccountsConfiguration {

  @Bean
  ProblemCatalog ledgerProblems() {
    return ProblemCatalog.of(LedgerProblem.values());
  }

  @Bean
  ConnectionBudget.Share groupCommitsConnections() {
    return new ConnectionBudget.Share("group commit's two lanes", 2);
  }

  /** Refusals for 30 days, a batch's own excepted; what was posted, for ever. */
  @Bean
  RetentionPolicy refusedTransfers(JdbcClient jdbc) {
    return new RetentionPolicy(
        jdbc,
        """
        delete from accounts.transfer where id in (
            select id from accounts.transfer
            where problem is not null and operation <> 'batch'
              and posted_at < clock_timestamp() - interval '30 days'
            limit ?)
        """);
  }
}
