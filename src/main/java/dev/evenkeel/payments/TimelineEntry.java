package dev.evenkeel.payments;

import jakarta.persistence.Embeddable;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import java.time.Instant;

/** An entry of a payment's timeline: the status it entered, when, and why. */
@Embeddable
public record TimelineEntry(
    @Enumerated(EnumType.STRING) PaymentStatus status, Instant at, String note) {}
