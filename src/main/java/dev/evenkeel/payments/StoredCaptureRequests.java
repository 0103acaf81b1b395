package dev.evenkeel.payments;

import dev.evenkeel.idempotency.Fingerprint;
import dev.evenkeel.idempotency.IdempotencyKey;
import dev.evenkeel.idempotency.IdempotentRequest;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

@Component
class StoredCaptureRequests implements CaptureRequests {

  private final JdbcClient jdbc;

  StoredCaptureRequests(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  @Override
  public Optional<Earlier> find(String owner, IdempotencyKey key) {
    return jdbc.sql(
            """
            select fingerprint, payment, problem from payments.capture_request
            where owner = ? and idempotency_key = ?
            """)
        .params(owner, key.value())
        .query((row, _) ->
            new Earlier(
                Fingerprint.ofStored(row.getBytes("fingerprint")),
                row.getObject("payment", UUID.class),
                row.getString("problem")))
        .optional();
  }

  @Override
  public void store(IdempotentRequest request, PaymentId payment, @Nullable String problem) {
    jdbc.sql(
            """
            insert into payments.capture_request (owner, idempotency_key, fingerprint, payment, problem)
            values (?, ?, ?, ?, ?)
            """)
        .param(request.owner())
        .param(request.key().value())
        .param(request.fingerprint().bytes())
        .param(payment.value())
        .param(problem)
        .update();
  }
}
