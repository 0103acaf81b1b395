package dev.evenkeel.payments;

import dev.testing.simulation.Actors;
import dev.testing.simulation.SimulatedDatabase;
import dev.testing.simulation.SimulatedWorld;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;
import org.springframework.transaction.support.TransactionTemplate;

class SimulatedPaymentsTests implements PaymentStoreContract {

  private final SimulatedWorld world = new SimulatedWorld(1);
  private final Actors actors = new Actors(world);
  private final SimulatedDatabase database =
      new SimulatedDatabase(world, actors, new SimulatedDatabase.Fate() {});
  private final SimulatedPayments payments = new SimulatedPayments(database);

  @Override
  public PaymentRepository payments() {
    return payments;
  }

  @Override
  public String owner() {
    return "ada";
  }

  @Override
  public <T> T inTransaction(Supplier<T> work) {
    return Objects.requireNonNull(new TransactionTemplate(database).execute(_ -> work.get()));
  }

  @Override
  public void whileLocked(UUID payment, Runnable work) {
    actors.start(
        "another",
        this,
        () ->
            inTransaction(() -> {
              payments.lock(payment);
              return actors.await(() -> false, Duration.ofDays(1));
            }));
    actors.resume(actors.runnable().getFirst());
    work.run();
    actors.kill(this);
  }
}
