package dev.evenkeel.console.breakit;

import dev.evenkeel.console.breakit.SimulatorClient.Operation;
import dev.evenkeel.payments.PaymentId;
import dev.evenkeel.payments.PaymentMonitor;
import dev.evenkeel.payments.PaymentMonitor.Progress;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/**
 * Whether the provider's operations are our payments. Reads on both sides only what is new or open.
 */
@BreakItPart
@Component
@Order(2)
final class OperationsAgree implements Measurement {

  private static final int PAGE = 500;
  private static final int MAX_PAGES = 10;
  private static final int REREAD = 20;

  /** The provider's clock may be behind ours. */
  private static final Duration CLOCKS = Duration.ofSeconds(5);

  private static final Pattern ID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  private final PaymentMonitor payments;
  private final SimulatorClient simulator;

  private Comparison comparison = new Comparison();
  private IdCursor cursor = new IdCursor(Instant.EPOCH);
  private Instant from = Instant.EPOCH;
  private @Nullable String lastOperation;

  OperationsAgree(PaymentMonitor payments, SimulatorClient simulator) {
    this.payments = payments;
    this.simulator = simulator;
  }

  @Override
  public List<String> names() {
    return List.of("Provider agrees with us");
  }

  @Override
  public void startFrom(Instant time) {
    comparison = new Comparison();
    cursor = new IdCursor(time);
    from = time.minus(CLOCKS);
    lastOperation = null;
  }

  @Override
  public List<Promise> measure() {
    Instant began = Instant.now();
    boolean complete = readPayments(began) & readOperations(began);
    return List.of(comparison.promise(complete, began, Instant.now()));
  }

  /** Reads payments first: the operation of each that has succeeded is there already. */
  private boolean readPayments(Instant now) {
    List<String> open = comparison.open(PAGE);
    List<PaymentId> ids =
        open.stream()
            .filter(it -> ID.matcher(it).matches())
            .map(it -> new PaymentId(UUID.fromString(it)))
            .toList();
    payments.find(ids).forEach(it -> comparison.payment(it, now));
    comparison.paymentsRead(open, now);
    if (comparison.isFull()) {
      return false;
    }
    PaymentId last = new PaymentId(cursor.after());
    for (int page = 0; page < MAX_PAGES; page++) {
      List<Progress> found = payments.after(last, PAGE);
      for (Progress it : found) {
        comparison.payment(it, now);
        cursor.read(it.id().value(), it.createdAt(), now);
        last = it.id();
      }
      if (found.size() < PAGE) {
        return true;
      }
    }
    return false;
  }

  private boolean readOperations(Instant now) {
    for (Operation it : comparison.openOperations(REREAD)) {
      simulator
          .operations(it.at(), it.at().plus(1, ChronoUnit.MICROS), null, REREAD)
          .forEach(again -> comparison.operation(again, now));
    }
    for (int page = 0; page < MAX_PAGES; page++) {
      List<Operation> found = simulator.operations(from, now.plus(CLOCKS), lastOperation, PAGE);
      for (Operation it : found) {
        lastOperation = it.id();
        if (it.isOrdered()) {
          comparison.operation(it, now);
        }
      }
      if (found.size() < PAGE) {
        return true;
      }
    }
    return false;
  }
}
