package dev.evenkeel.payments;

import dev.evenkeel.database.ConnectionPools;
import dev.evenkeel.database.RetentionPolicy;
import dev.evenkeel.payments.provider.PaymentGateway;
import dev.evenkeel.payments.provider.SettlementReport;
import dev.evenkeel.payments.provider.World;
import dev.evenkeel.problems.ProblemCatalog;
import io.github.resilience4j.bulkhead.BulkheadRegistry;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.micrometer.observation.ObservationRegistry;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(PaymentsSettings.class)
class PaymentsConfiguration {

  @Bean
  World world() {
    return new World() {};
  }

  @Bean
  PaymentGateway paymentGateway(
      PaymentsSettings settings,
      ObservationRegistry observations,
      CircuitBreakerRegistry breakers,
      BulkheadRegistry bulkheads) {
    return new PaymentGateway(settings.provider(), observations, breakers, bulkheads);
  }

  @Bean
  SettlementReport settlementReport(PaymentsSettings settings, ObservationRegistry observations) {
    return new SettlementReport(settings.provider(), observations);
  }

  @Bean
  ProblemCatalog paymentProblems() {
    return ProblemCatalog.of(PaymentProblem.values());
  }

  @Bean
  ConnectionPools.Share recoveryConnections(BulkheadRegistry bulkheads) {
    int workers =
        bulkheads.bulkhead("provider-recovery").getBulkheadConfig().getMaxConcurrentCalls();
    return new ConnectionPools.Share(
        "payments' recovery, expiry, audit, reconciliation", workers + 3);
  }

  @Bean
  RetentionPolicy refusedCaptures(JdbcClient jdbc) {
    return new RetentionPolicy(
        jdbc,
        """
        delete from payments.capture_request where (owner, idempotency_key) in (
            select owner, idempotency_key from payments.capture_request
            where problem is not null and created_at < clock_timestamp() - interval '30 days'
            limit ?)
        """);
  }

  /** Refusals are kept for 30 days; accepted payments are never deleted. */
  @Bean
  RetentionPolicy refusedPayments(JdbcClient jdbc) {
    return new RetentionPolicy(
        jdbc,
        """
        delete from payments.payment where id in (
            select id from payments.payment
            where status = 'REFUSED'
              and created_at < clock_timestamp() - interval '30 days'
            limit ?)
        """);
  }
}
