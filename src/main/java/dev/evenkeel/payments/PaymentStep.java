package dev.evenkeel.payments;

import jakarta.persistence.Embeddable;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import java.time.Instant;

/** One line of a payment's timeline. */
@Embeddable
public record PaymentStep(
    @Enumerated(EnumType.STRING) PaymentStatus status, Instant at, String note) {}
