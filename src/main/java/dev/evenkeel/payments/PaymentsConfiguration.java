package dev.evenkeel.payments;

import dev.evenkeel.database.ConnectionPools;
import dev.evenkeel.database.RetentionPolicy;
import dev.evenkeel.payments.provider.Gateway;
import dev.evenkeel.payments.provider.GatewayFactory;
import dev.evenkeel.payments.provider.GuardedGateway;
import dev.evenkeel.payments.provider.ProviderConnection;
import dev.evenkeel.payments.provider.ProviderSettings;
import dev.evenkeel.payments.provider.ProviderSettingsException;
import dev.evenkeel.payments.provider.SettlementReport;
import dev.evenkeel.payments.provider.World;
import dev.evenkeel.problems.ProblemCatalog;
import io.github.resilience4j.bulkhead.BulkheadRegistry;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.micrometer.observation.ObservationRegistry;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
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
  Gateway gateway(
      PaymentsSettings settings, List<GatewayFactory> factories, ObservationRegistry observations) {
    ProviderSettings provider = settings.provider();
    GatewayFactory factory = factory(provider, factories);
    URI url = Objects.requireNonNullElseGet(provider.url(), () -> url(factory));
    Gateway gateway = factory.create(provider, new ProviderConnection(url, provider, observations));
    if (!gateway.name().equals(factory.name())) {
      gateway.close();
      throw new ProviderSettingsException(
          "the payment provider '%s' calls its gateway '%s'."
              .formatted(factory.name(), gateway.name()),
          "Give both one name: it is stored with each payment.");
    }
    return gateway;
  }

  private static GatewayFactory factory(ProviderSettings provider, List<GatewayFactory> factories) {
    return factories.stream()
        .filter(it -> it.name().equals(provider.type()))
        .findFirst()
        .orElseThrow(() ->
            new ProviderSettingsException(
                "the payment provider '%s' is unknown.".formatted(provider.type()),
                "Set evenkeel.payments.provider.type to one of: "
                    + factories.stream()
                        .map(GatewayFactory::name)
                        .sorted()
                        .collect(Collectors.joining(", "))));
  }

  private static URI url(GatewayFactory factory) {
    return Optional.ofNullable(factory.defaultUrl())
        .orElseThrow(() ->
            new ProviderSettingsException(
                "no address of the payment provider is configured.",
                "Set evenkeel.payments.provider.url."));
  }

  @Bean
  GuardedGateway guardedGateway(
      PaymentsSettings settings,
      Gateway gateway,
      CircuitBreakerRegistry breakers,
      BulkheadRegistry bulkheads,
      World world) {
    return new GuardedGateway(settings.provider(), gateway, breakers, bulkheads, world);
  }

  @Bean
  SettlementReport settlementReport(PaymentsSettings settings, Gateway gateway, World world) {
    return new SettlementReport(settings.provider(), gateway, world);
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
