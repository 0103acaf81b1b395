package dev.evenkeel.payments;

import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.IdempotencyKey;
import dev.evenkeel.idempotency.IdempotentRequest;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The requests to capture a payment, one for each idempotency key. */
interface CaptureRequests {

  /**
   * An earlier request.
   *
   * @param problem why it was refused, in its stored form; null if it was not
   */
  record Earlier(Fingerprint fingerprint, UUID payment, @Nullable String problem) {}

  Optional<Earlier> find(String owner, IdempotencyKey key);

  /**
   * Stores a request in the caller's transaction.
   *
   * @param problem as in {@link Earlier}
   */
  void store(IdempotentRequest request, PaymentId payment, @Nullable String problem);
}
