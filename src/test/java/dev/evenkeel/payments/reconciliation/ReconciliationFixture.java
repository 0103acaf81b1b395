package dev.evenkeel.payments.reconciliation;

import dev.evenkeel.idempotency.Outcome;
import dev.evenkeel.payments.PaymentFixture;
import dev.evenkeel.payments.PaymentOperations;
import dev.evenkeel.payments.Reconciliation.Report;
import dev.evenkeel.payments.provider.ProviderConnection;
import dev.evenkeel.payments.provider.ProviderSettings;
import dev.evenkeel.payments.provider.SettlementReport;
import dev.evenkeel.payments.provider.SimulatedWire;
import dev.evenkeel.payments.provider.World;
import dev.evenkeel.payments.provider.simulator.SimulatorGateway;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import net.javacrumbs.shedlock.core.LockProvider;
import org.springframework.beans.factory.annotation.Autowired;

/** Reconciles with another provider than the application's own. */
abstract class ReconciliationFixture extends PaymentFixture {

  @Autowired ReconciliationRepository payments;
  @Autowired PaymentOperations operations;
  @Autowired ReportedOperations reported;
  @Autowired ReconciliationReports reports;
  @Autowired DeductionPostings deductions;
  @Autowired LockProvider locks;

  Outcome<Report> reconcile(LocalDate day, URI provider) throws IOException {
    Duration second = Duration.ofSeconds(1);
    ProviderSettings settings =
        SimulatedWire.settings(
            provider, second, second, second.multipliedBy(20), Duration.ofDays(1));
    SimulatorGateway gateway =
        new SimulatorGateway(
            new ProviderConnection(provider, settings, ObservationRegistry.NOOP), List.of());
    return new ProviderReconciliation(
            new SettlementReport(settings, gateway, new World() {}),
            payments,
            operations,
            reported,
            reports,
            deductions,
            locks,
            new SimpleMeterRegistry())
        .run(day);
  }
}
