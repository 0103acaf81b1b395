package dev.evenkeel.accounts;

import dev.evenkeel.accounts.posting.LedgerSettings;
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

  /** Refusals are kept for 30 days, those within a batch and all postings forever. */
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
