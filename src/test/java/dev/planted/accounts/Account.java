package dev.planted.accounts;

import dev.planted.payments.Payment;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** An entity for everybody, in another module's schema. */
@Entity
@Table(schema = "payments", name = "account")
public class Account {

  @Id private @Nullable UUID id;

  public @Nullable UUID id() {
    return id;
  }

  public Optional<Owner> ownerOf(Payment payment) {
    return Optional.of(new Owner(payment.id().toString()));
  }
}
