package dev.evenkeel.payments;

import dev.evenkeel.database.ConcurrentRequestException;
import dev.evenkeel.idempotency.IdempotencyKey;
import dev.evenkeel.idempotency.IdempotentRequest;
import dev.testing.simulation.SimulatedDatabase;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The requests to capture in memory, with a unique key as in the database. */
final class SimulatedCaptures implements CaptureRequests {

  private final SimulatedDatabase database;
  private final SimulatedDatabase.Table<String, Earlier> rows;

  SimulatedCaptures(SimulatedDatabase database) {
    this.database = database;
    this.rows = new SimulatedDatabase.Table<>(database);
  }

  @Override
  public Optional<Earlier> find(String owner, IdempotencyKey key) {
    return Optional.ofNullable(rows.get(row(owner, key)));
  }

  @Override
  public void store(IdempotentRequest request, PaymentId payment, @Nullable String problem) {
    String row = row(request.owner(), request.key());
    database.lock(row);
    if (rows.get(row) != null) {
      throw new ConcurrentRequestException("another request has taken the key");
    }
    rows.put(row, new Earlier(request.fingerprint(), payment.value(), problem));
  }

  private static String row(String owner, IdempotencyKey key) {
    return "capture/" + owner + "/" + key.value();
  }
}
